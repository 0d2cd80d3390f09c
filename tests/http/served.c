#include "served.h"

#include <check.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "client.h"
#include "http/front.h"
#include "http/listener.h"

struct config served_config;

static void unused_run(struct request *request)
{
    request_fail(request, "this form is not for here");
}

static const struct workload now = {.name = "now", .takes_body = true, .run = unused_run};
static const struct workload later = {.name = "later", .run = unused_run};
static const struct workload never = {.name = "never", .run = unused_run};
static const struct workload soon = {.name = "soon", .run = unused_run};
static const struct workload wait = {.name = "wait", .run = unused_run};
static const struct workload block = {.name = "block", .run = unused_run};
static const struct workload *const list[] = {&now, &later, &never, &soon, &wait, &block};
static const struct workloads workloads = {list, 6};

/* What the model keeps, for the test's thread. */
static uv_mutex_t lock;
static uv_sem_t kept_some;
static struct request_list kept;

/* For /soon: how many timers fire before the loop comes to its other events. */
static unsigned fired_in_a_row;
atomic_uint served_fired_in_a_row_max, served_cancelled;

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
        uv_sleep(5); /* a handler that takes its time on the loop */
        answer_empty(request);
        return ERR_OK;
    }
    if (request->workload == &wait)
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

static const struct model_ops ops = {.name = "test", .submit = submit, .cancel = cancel};

static struct models models;
static struct site site;
static struct loop *loop;
static struct front *front;
static struct listener listener;
static uv_thread_t thread;
static uv_async_t drain;
static uv_prepare_t other_events;
static uv_sem_t ready, draining;
static bool drain_asked;
static atomic_bool drained;

static void on_closed(struct front *closed)
{
    (void)closed;
    listener_on_closed(&listener);
}

static void on_drained(struct front *drained_front)
{
    (void)drained_front;
    atomic_store(&drained, true);
    uv_stop(&loop->uv);
}

static void on_drain(uv_async_t *async)
{
    (void)async;
    listener_drain(&listener);
    front_drain(front);
    uv_sem_post(&draining);
}

static void serve(void *unused)
{
    static const struct front_events events = {on_closed, on_drained};
    (void)unused;
    CHECK(loop_new(0, &loop) == ERR_OK);
    models.list[0].loops = &loop;
    CHECK(uv_async_init(&loop->uv, &drain, on_drain) == 0);
    CHECK(uv_prepare_init(&loop->uv, &other_events) == 0 && uv_prepare_start(&other_events, on_other_events) == 0);
    CHECK(listener_open(&listener, &loop->uv, &served_config) == ERR_OK);
    CHECK(front_new(loop, &site, &events, NULL, &front) == ERR_OK);
    listener_start(&listener, front);
    uv_sem_post(&ready);
    loop_run(loop);
    front_free(front);
    uv_close((uv_handle_t *)&drain, NULL);
    uv_close((uv_handle_t *)&other_events, NULL);
    uv_sem_wait(&ready); /* the test has read the loop's statistics */
    loop_free(loop);
}

void served_defaults(void)
{
    char *arguments[] = {"tandem", "--port", "0", NULL}, *environment[] = {NULL};
    ck_assert_int_eq(config_parse(&served_config, 3, arguments, environment), ERR_OK);
}

void served_open(void)
{
    models = (struct models){.list = {{.ops = &ops, .config = &served_config, .loop_count = 1}}, .count = 1};
    site = (struct site){.config = &served_config, .models = &models, .workloads = &workloads};
    drain_asked = false;
    uv_mutex_init(&lock);
    uv_sem_init(&kept_some, 0);
    uv_sem_init(&ready, 0);
    uv_sem_init(&draining, 0);
    ck_assert_int_eq(uv_thread_create(&thread, serve, NULL), 0);
    uv_sem_wait(&ready);
}

void served_drain(void)
{
    if (drain_asked)
        return;
    drain_asked = true;
    ck_assert_int_eq(uv_async_send(&drain), 0);
    uv_sem_wait(&draining);
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
    ck_assert_uint_eq(kept.count, 0);
    uv_mutex_destroy(&lock);
    uv_sem_destroy(&kept_some);
    uv_sem_destroy(&ready);
    uv_sem_destroy(&draining);
}

const struct loop_stats *served_stats(void)
{
    return &loop->stats;
}

const struct series *served_series(const char *name)
{
    unsigned index = 0;
    while (strcmp(list[index]->name, name) != 0)
        ck_assert_uint_lt(++index, workloads.count);
    const struct series *series = loop_stats_find(&loop->stats, 0, index);
    ck_assert_ptr_nonnull(series);
    return series;
}

void served_expect(const counter *c, uint64_t value)
{
    while (counter_read(c) < value)
        sched_yield();
    ck_assert_uint_eq(counter_read(c), value);
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
