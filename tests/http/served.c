#include "http/served.h"

#include "assertions.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "http/accept/listener.h"
#include "http/client.h"
#include "http/io_thread/io_thread.h"
#include "http/io_thread/io_threads.h"
#include "http/streams.h"

struct config served_config;
bool served_keeps;

static void unused_run(struct request *request)
{
    request_fail(request, "this variant is not for here");
}

static const struct workload now = {.name = "now", .takes_body = true, .run = unused_run};
static const struct workload later = {.name = "later", .run = unused_run};
static const struct workload never = {.name = "never", .is_mount = true, .streams_in = true, .run = unused_run};
static const struct workload soon = {.name = "soon", .run = unused_run};
static const struct workload wait = {.name = "wait", .run = unused_run};
static const struct workload block = {.name = "block", .run = unused_run};
static const struct workload drip = {.name = "drip", .run = unused_run};
static const struct workload flood = {.name = "flood", .run = unused_run};
static const struct workload silent = {.name = "silent", .run = unused_run};
static const struct workload deaf = {.name = "deaf", .run = unused_run};
static const struct workload broken = {.name = "broken", .run = unused_run};
static const struct workload paused = {.name = "paused", .run = unused_run};
static const struct workload mount = {.name = "mount", .is_mount = true, .run = unused_run};
static const struct workload quiet = {.name = "quiet", .is_mount = true, .run = unused_run};
static const struct workload upload = {.name = "upload", .is_mount = true, .streams_in = true, .run = unused_run};
static const struct workload websocket = {
    .name = "socket", .is_mount = true, .takes_websockets = true, .run = unused_run};
static const struct workload *const list[] = {&now,    &later, &never,  &soon,   &wait,  &block, &drip,   &flood,
                                              &silent, &deaf,  &broken, &paused, &mount, &quiet, &upload, &websocket};
static const struct workloads workloads = {list, sizeof list / sizeof list[0]};

/* The requests that the model keeps for the test's thread. */
static uv_mutex_t lock;
static uv_sem_t kept_some;
static struct request_list kept;

/* For /soon: the timers that have fired since the loop came to its other events. */
static unsigned fired_in_a_row;
atomic_uint served_fired_in_a_row_max, served_cancelled, served_half_closed;

static void answer_empty(struct request *request)
{
    reply_borrow(&request->reply, 200, TYPE_TEXT, "", 0);
    request_done(request);
}

static void on_timer_closed(uv_handle_t *timer)
{
    free(timer);
}

static void on_timer(uv_timer_t *timer)
{
    struct request *request = timer->data;
    uv_close((uv_handle_t *)timer, on_timer_closed);
    if (++fired_in_a_row > atomic_load(&served_fired_in_a_row_max))
        atomic_store(&served_fired_in_a_row_max, fired_in_a_row);
    answer_empty(request);
}

static void on_other_events(uv_prepare_t *prepare)
{
    (void)prepare;
    fired_in_a_row = 0;
}

static void start_timer(struct request *request)
{
    uv_timer_t *timer = malloc(sizeof *timer);
    CHECK(timer && uv_timer_init(&request->loop->uv, timer) == 0);
    timer->data = request;
    uv_update_time(&request->loop->uv);
    CHECK(uv_timer_start(timer, on_timer, 0, 0) == 0);
}

/* Returns true if the request is for a stream, and answers it then. */
static bool answer_by_stream(struct request *request)
{
    static const struct workload *const kinds[] = {
        [STREAMS_DRIP] = &drip, [STREAMS_FLOOD] = &flood,   [STREAMS_SILENT] = &silent,
        [STREAMS_DEAF] = &deaf, [STREAMS_BROKEN] = &broken, [STREAMS_PAUSED] = &paused};
    for (unsigned kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        if (request->workload == kinds[kind]) {
            streams_reply(request, (enum streams_kind)kind);
            request_done(request);
            return true;
        }
    if (request->workload != &quiet)
        return false;
    streams_reply(request, STREAMS_SILENT);
    request_done(request);
    return true;
}

static enum err submit(struct model *model, struct request *request)
{
    (void)model;
    if (request->workload == &never)
        return ERR_BUSY;
    if (request->workload == &soon) {
        start_timer(request);
        return ERR_OK;
    }
    if (request->workload == &now) {
        reply_copy(&request->reply, 200, TYPE_TEXT, request->body, request->body_bytes);
        request_done(request);
        return ERR_OK;
    }
    if (request->workload == &block) {
        uv_sleep(5); /* a handler that blocks the loop */
        answer_empty(request);
        return ERR_OK;
    }
    if (request->workload == &wait || answer_by_stream(request))
        return ERR_OK;
    uv_mutex_lock(&lock);
    request_list_push(&kept, request);
    uv_mutex_unlock(&lock);
    uv_sem_post(&kept_some);
    return ERR_OK;
}

static void cancel(struct model *model, struct request *request)
{
    (void)model;
    CHECK(request_given_up(request));
    atomic_fetch_add(&served_cancelled, 1);
    if (request->workload == &wait)
        answer_empty(request);
}

static void half_closed(struct model *model, struct request *request)
{
    (void)model;
    CHECK(request_half_closed(request) && !request_given_up(request));
    atomic_fetch_add(&served_half_closed, 1);
}

static const struct model_ops ops = {.name = "test", .submit = submit, .cancel = cancel, .half_closed = half_closed};

static struct models models;
static struct routes routes;
static struct loop *loops[LOOPS_MAX];
static struct io_threads io_threads;
static struct listener listener;
static uv_loop_t listener_loop;
static uv_thread_t thread, listener_thread;
static uv_prepare_t other_events;
static uv_sem_t ready;
static atomic_bool drained;

static void serve(void *unused)
{
    unsigned count = (unsigned)served_config.loops;
    (void)unused;
    for (unsigned i = 0; i < count; i++)
        CHECK(loop_new(i, &loops[i]) == ERR_OK);
    models.list[0].loops = loops;
    CHECK(uv_prepare_init(&loops[0]->uv, &other_events) == 0 && uv_prepare_start(&other_events, on_other_events) == 0);
    CHECK(io_threads_new(&io_threads, &listener, &routes, loops, count) == ERR_OK);
    CHECK(io_threads_start(&io_threads) == ERR_OK);
    listener_start(&listener, io_threads.list, count);
    uv_sem_post(&ready);
    io_threads_run(&io_threads);
    atomic_store(&drained, true);
    uv_close((uv_handle_t *)&other_events, NULL);
    uv_sem_wait(&ready); /* the test has read the loops' statistics by then */
    io_threads_free(&io_threads);
    for (unsigned i = 0; i < count; i++)
        loop_free(loops[i]);
}

static void listen_for_it(void *unused)
{
    (void)unused;
    CHECK(uv_run(&listener_loop, UV_RUN_DEFAULT) == 0);
    CHECK(uv_loop_close(&listener_loop) == 0);
}

void served_defaults(void)
{
    char *arguments[] = {"tandem", "--port", "0", NULL}, *environment[] = {NULL};
    ck_assert_int_eq(config_parse(&served_config, 3, arguments, environment), ERR_OK);
}

void served_open(void)
{
    unsigned count = (unsigned)served_config.loops;
    models = (struct models){.list = {{.ops = &ops, .config = &served_config, .loop_count = count}}, .count = 1};
    routes = (struct routes){.config = &served_config, .models = &models, .workloads = &workloads, .pages_prefix = ""};
    uv_mutex_init(&lock);
    uv_sem_init(&kept_some, 0);
    uv_sem_init(&ready, 0);
    ck_assert_int_eq(uv_loop_init(&listener_loop), 0);
    ck_assert_int_eq(listener_open(&listener, &listener_loop, &served_config, "--port", 0, -1), ERR_OK);
    if (served_keeps)
        listener_keep(&listener, true);
    ck_assert_int_eq(uv_thread_create(&listener_thread, listen_for_it, NULL), 0);
    ck_assert_int_eq(uv_thread_create(&thread, serve, NULL), 0);
    uv_sem_wait(&ready);
}

void served_drain(void)
{
    listener_drain(&listener);
}

bool served_drained(void)
{
    return atomic_load(&drained);
}

void served_close(void)
{
    served_drain();
    uv_sem_post(&ready);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    listener_close(&listener);
    ck_assert_int_eq(uv_thread_join(&listener_thread), 0);
    ck_assert_uint_eq(kept.count, 0);
    uv_mutex_destroy(&lock);
    uv_sem_destroy(&kept_some);
    uv_sem_destroy(&ready);
}

int served_socket(void)
{
    return listener.fd;
}

const struct loop_stats *served_stats_of(unsigned index)
{
    return &loops[index]->stats;
}

const struct loop_stats *served_stats(void)
{
    return served_stats_of(0);
}

const struct series *served_series(const char *name)
{
    unsigned index = 0;
    while (strcmp(list[index]->name, name) != 0)
        ck_assert_uint_lt(++index, workloads.count);
    const struct series *series = loop_stats_find(served_stats(), 0, index);
    ck_assert_ptr_nonnull(series);
    return series;
}

void served_until(atomic_uint *value, unsigned expected)
{
    while (atomic_load(value) != expected)
        sched_yield();
}

void served_expect(const counter *c, uint64_t value)
{
    while (counter_read(c) < value)
        sched_yield();
    ck_assert_uint_eq(counter_read(c), value);
}

static struct inbox_message hold;
static uv_sem_t held, released;

static void keep_busy(struct inbox_message *inbox_message)
{
    ck_assert_ptr_eq(inbox_message, &hold);
    uv_sem_post(&held);
    uv_sem_wait(&released);
}

void served_hold(void)
{
    uv_sem_init(&held, 0);
    uv_sem_init(&released, 0);
    hold.deliver = keep_busy;
    loop_post(loops[0], &hold);
    uv_sem_wait(&held);
    uv_sem_destroy(&held);
}

void served_release(void)
{
    uv_sem_post(&released);
}

struct request *served_later(void)
{
    uv_sem_wait(&kept_some);
    uv_mutex_lock(&lock);
    struct request *request = request_list_pop(&kept);
    uv_mutex_unlock(&lock);
    return request;
}

void served_answer(struct request *request, const char *body)
{
    reply_copy(&request->reply, 200, TYPE_TEXT, body, strlen(body));
    request_done(request);
}

int served_connect(void)
{
    return client_connect(listener.url);
}
