/* When the daemon runs, and how often. Most tests have an I/O thread whose daemon is a script: the linker puts the
 * functions below in the place of libmicrohttpd's. One has a server, and counts the
 * runs of its daemon. */
#include "http/io_thread/daemon_run.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/client.h"
#include "http/connection/io_thread_state.h"
#include "http/request/request_filter.h"
#include "http/served.h"
#include "http/wire/interpose.h"
#include "suite.h"

enum { PER_ROUND = 4, ROUNDS = 2, ANSWERS = 32, EARLY = 8 }; /* as in daemon_run.c */

static bool scripted;
static atomic_uint runs;

#define WRAPPED(result, name, ...)                                                                                     \
    result __real_##name(__VA_ARGS__);                                                                                 \
    result __wrap_##name(__VA_ARGS__)

WRAPPED(enum MHD_Result, MHD_run, struct MHD_Daemon *);
WRAPPED(enum MHD_Result, MHD_get_timeout, struct MHD_Daemon *, MHD_UNSIGNED_LONG_LONG *);
WRAPPED(void, daemon_run_for_answer, struct io_thread *);
WRAPPED(void, interpose_begin, struct io_thread *, interpose_reader *);
WRAPPED(void, interpose_end, void);

static struct loop *loop;
static struct io_thread *io_thread;
static struct models models;
static struct routes routes = {.models = &models};
static int epoll_fd;
static unsigned drained;

/* The script. */
static enum MHD_Result has_timeout;
static MHD_UNSIGNED_LONG_LONG timeout_ms;
static void (*in_run)(unsigned run); /* in each run of the daemon, which is the nth */

/* For the server: the answers since its daemon ran, and the most there were. */
static atomic_uint answers, answers_max;

enum MHD_Result __wrap_MHD_run(struct MHD_Daemon *daemon)
{
    unsigned run = atomic_fetch_add(&runs, 1) + 1;
    atomic_store(&answers, 0);
    if (!scripted)
        return __real_MHD_run(daemon);
    if (in_run)
        in_run(run);
    return MHD_YES;
}

enum MHD_Result __wrap_MHD_get_timeout(struct MHD_Daemon *daemon, MHD_UNSIGNED_LONG_LONG *out_ms)
{
    if (!scripted)
        return __real_MHD_get_timeout(daemon, out_ms);
    *out_ms = timeout_ms;
    return has_timeout;
}

void __wrap_daemon_run_for_answer(struct io_thread *answering)
{
    unsigned count = atomic_fetch_add(&answers, 1) + 1;
    if (count > atomic_load(&answers_max))
        atomic_store(&answers_max, count);
    __real_daemon_run_for_answer(answering);
}

static interpose_reader *interposed;

void __wrap_interpose_begin(struct io_thread *running, interpose_reader *reader)
{
    if (scripted)
        interposed = reader;
    __real_interpose_begin(running, reader);
}

void __wrap_interpose_end(void)
{
    interposed = NULL;
    __real_interpose_end();
}

static void on_drained(struct io_thread *which)
{
    ck_assert_ptr_eq(which, io_thread);
    drained++;
}

static void ignore(struct io_thread *which)
{
    (void)which;
}

/* The daemon wants to run again after this time; UINT64_MAX: when something happens. */
static void want_run_in(uint64_t ms)
{
    has_timeout = ms == UINT64_MAX ? MHD_NO : MHD_YES;
    timeout_ms = ms;
}

static void open_script(void)
{
    static const struct io_thread_events events = {.on_closed = ignore, .on_drained = on_drained};
    scripted = true;
    epoll_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ck_assert_int_eq(loop_new(0, &loop), ERR_OK);
    io_thread = calloc(1, sizeof *io_thread);
    *io_thread = (struct io_thread){.loop = loop, .routes = &routes, .events = &events, .daemon_epoll_fd = epoll_fd};
    accept_queue_init(&io_thread->accept_queue, io_thread, ignore);
    daemon_run_start(io_thread);
    want_run_in(UINT64_MAX);
}

static void close_script(void)
{
    uv_handle_t *const handles[] = {(uv_handle_t *)&io_thread->daemon_poll, (uv_handle_t *)&io_thread->daemon_timer,
                                    (uv_handle_t *)&io_thread->prepare, (uv_handle_t *)&io_thread->check,
                                    (uv_handle_t *)&io_thread->accept_queue.wake};
    for (unsigned i = 0; i < sizeof handles / sizeof handles[0]; i++)
        uv_close(handles[i], NULL);
    loop_free(loop);
    accept_queue_free(&io_thread->accept_queue);
    free(io_thread);
    close(epoll_fd);
}

/* Expects the daemon to have run so often since the last call. */
static void expect_runs(unsigned count)
{
    ck_assert_uint_eq(atomic_exchange(&runs, 0), count);
}

/* Expects the next run to be due in so many milliseconds; UINT64_MAX: none is. */
static void expect_next(uint64_t ms)
{
    const uv_timer_t *timer = &io_thread->daemon_timer;
    bool active = uv_is_active((const uv_handle_t *)timer);
    ck_assert_uint_eq(active ? uv_timer_get_due_in(timer) : UINT64_MAX, ms);
}

static void progress(unsigned run)
{
    (void)run;
    io_thread->progressed = true;
}

START_TEST(a_daemon_that_waits_for_events_has_no_next_run)
{
    open_script();
    daemon_run_now(io_thread);
    expect_runs(1);
    expect_next(UINT64_MAX);
    close_script();
}
END_TEST

START_TEST(a_daemon_with_a_timeout_runs_again_by_then)
{
    open_script();
    want_run_in(5000);
    daemon_run_now(io_thread);
    expect_next(5000);
    want_run_in(700);
    daemon_run_now(io_thread);
    expect_next(700);
    want_run_in(5000);
    daemon_run_now(io_thread);
    expect_next(700); /* an early run is not put off */
    expect_runs(3);
    close_script();
}
END_TEST

START_TEST(a_daemon_in_a_hurry_runs_a_few_times_and_then_after_other_events)
{
    open_script();
    want_run_in(0);
    daemon_run_now(io_thread);
    expect_runs(PER_ROUND);
    expect_next(0);
    close_script();
}
END_TEST

/* libmicrohttpd would run again at once as long as a request waits for its answer. */
START_TEST(pending_requests_are_polled_and_not_spun_on)
{
    open_script();
    io_thread->pending = 1;
    want_run_in(0);
    daemon_run_now(io_thread);
    expect_runs(1);
    expect_next(1);
    while (atomic_load(&runs) == 0)
        uv_run(&loop->uv, UV_RUN_ONCE); /* waits for the timer, or runs the daemon for it */
    expect_runs(1);
    in_run = progress;
    daemon_run_now(io_thread);
    expect_runs(PER_ROUND);
    expect_next(0);
    close_script();
}
END_TEST

START_TEST(replies_get_the_runs_that_they_still_need)
{
    open_script();
    io_thread->pending = 1;
    io_thread->owed_runs = 2;
    want_run_in(0);
    daemon_run_now(io_thread);
    expect_runs(2);
    ck_assert_uint_eq(io_thread->owed_runs, 0);
    close_script();
}
END_TEST

/* The order in which the models were called: f and w for the first, F and W for the second. */
static char calls[64];
static unsigned handlers_left;

static void note(const struct model *model, char call)
{
    char text[] = {(char)(model->index ? call - 'a' + 'A' : call), '\0'};
    strcat(calls, text);
}

static void flush(struct model *model, struct loop *of)
{
    ck_assert_ptr_eq(of, loop);
    note(model, 'f');
}

/* The last handler answers from within the run. */
static bool work_off(struct model *model, struct loop *of)
{
    ck_assert_ptr_eq(of, loop);
    note(model, 'w');
    if (handlers_left == 0)
        return false;
    if (--handlers_left == 0)
        __real_daemon_run_for_answer(io_thread);
    return handlers_left > 0;
}

static void open_models(void)
{
    static const struct model_ops both = {.flush = flush, .work_off = work_off}, neither = {0};
    models = (struct models){.list = {{.ops = &both, .index = 0}, {.ops = &both, .index = 1}, {.ops = &neither}}};
    models.count = 3;
    open_script();
}

static void want_run_once(unsigned run)
{
    io_thread->run_due = run == 1;
}

START_TEST(a_run_asked_for_within_a_run_follows_at_once)
{
    open_models();
    in_run = want_run_once;
    daemon_run_now(io_thread);
    expect_runs(2);
    ck_assert_str_eq(calls, "fFwW"); /* before the models get anything */
    expect_next(UINT64_MAX);
    close_script();
}
END_TEST

static void expect_prepared(unsigned run)
{
    ck_assert_uint_eq(run, 1);
    ck_assert(interposed == request_filter_recv);
    ck_assert(SLIST_EMPTY(&io_thread->kicked));
}

START_TEST(kicks_come_before_a_run_and_the_request_filter_reads_only_within_it)
{
    struct connection connection = {.stage = STAGE_SUSPENDED, .kicked = true}; /* nothing is to be done for it */
    open_script();
    SLIST_INSERT_HEAD(&io_thread->kicked, &connection, kicked_link);
    in_run = expect_prepared;
    daemon_run_now(io_thread);
    expect_runs(1);
    ck_assert(!connection.kicked && !interposed);
    close_script();
}
END_TEST

START_TEST(sockets_that_the_daemon_has_dropped_are_forgotten)
{
    open_models();
    atomic_store(&io_thread->accept_queue.open, 2);
    io_thread->accept_queue.adopting = 2; /* and become no connections */
    daemon_run_now(io_thread);
    ck_assert_uint_eq(accept_queue_connections(io_thread), 0);
    close_script();
}
END_TEST

START_TEST(every_model_gets_its_requests_before_one_works_on_the_loop)
{
    open_models();
    daemon_run_now(io_thread);
    ck_assert_str_eq(calls, "fFwW");
    expect_runs(1);
    close_script();
}
END_TEST

START_TEST(an_answer_from_within_a_run_goes_out_in_the_same_one)
{
    open_models();
    handlers_left = 1;
    daemon_run_now(io_thread);
    ck_assert_str_eq(calls, "fFwWfFwW");
    expect_runs(ROUNDS);
    ck_assert(!io_thread->run_due);
    expect_next(UINT64_MAX);
    close_script();
}
END_TEST

START_TEST(handlers_on_the_loop_get_two_rounds_and_then_others_their_turn)
{
    open_models();
    handlers_left = 100;
    daemon_run_now(io_thread);
    ck_assert_str_eq(calls, "fFwWfFwW");
    expect_runs(ROUNDS);
    expect_next(0);
    close_script();
}
END_TEST

START_TEST(the_end_of_a_drain_is_seen_after_a_run)
{
    open_script();
    daemon_run_now(io_thread);
    ck_assert_uint_eq(drained, 0);
    io_thread->draining = true;
    daemon_run_now(io_thread);
    ck_assert_uint_eq(drained, 1);
    close_script();
}
END_TEST

static void answer_all(unsigned count)
{
    while (count-- > 0)
        __real_daemon_run_for_answer(io_thread);
}

START_TEST(answers_that_come_together_are_sent_in_several_runs)
{
    open_script();
    answer_all(ANSWERS - 1);
    expect_runs(0);
    ck_assert(io_thread->run_due);
    answer_all(1);
    expect_runs(1);
    ck_assert(!io_thread->run_due);
    answer_all(ANSWERS * 3);
    expect_runs(3);
    close_script();
}
END_TEST

static void answer_in_first(unsigned run)
{
    if (run == 1)
        answer_all(ANSWERS * 2);
}

START_TEST(answers_within_a_run_start_none_inside_it)
{
    open_models();
    in_run = answer_in_first;
    daemon_run_now(io_thread);
    expect_runs(2);
    close_script();
}
END_TEST

START_TEST(after_so_many_early_runs_the_other_events_of_the_loop_come_first)
{
    open_script();
    for (unsigned iteration = 0; iteration < 2; iteration++) {
        answer_all(ANSWERS * (EARLY + 5));
        expect_runs(EARLY);
        uv_run(&loop->uv, UV_RUN_NOWAIT); /* sends the rest, and begins to count anew */
        expect_runs(1);
    }
    close_script();
}
END_TEST

START_TEST(a_run_that_is_due_comes_before_the_loop_waits)
{
    open_script();
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    expect_runs(0);
    io_thread_want_run(io_thread);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    expect_runs(1);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    expect_runs(0);
    close_script();
}
END_TEST

static void take_event(unsigned run)
{
    (void)run;
    eventfd_t value;
    ck_assert_int_eq(eventfd_read(epoll_fd, &value), 0);
}

START_TEST(an_event_of_the_daemon_is_served_in_the_iteration_that_reports_it)
{
    open_script();
    in_run = take_event;
    for (unsigned event = 0; event < 3; event++) {
        ck_assert_int_eq(eventfd_write(epoll_fd, 1), 0);
        uv_run(&loop->uv, UV_RUN_ONCE);
        expect_runs(1);
    }
    close_script();
}
END_TEST

START_TEST(no_client_waits_for_the_answers_of_all_the_others)
{
    enum { CLIENTS = 100 };
    struct request *requests[CLIENTS];
    int fds[CLIENTS];
    served_defaults();
    served_open();
    for (unsigned i = 0; i < CLIENTS; i++) {
        fds[i] = served_connect();
        client_send(fds[i], CLIENT_GET("/later"));
        requests[i] = served_later();
    }
    served_hold();
    for (unsigned i = 0; i < CLIENTS; i++)
        served_answer(requests[i], "at last");
    served_release();
    for (unsigned i = 0; i < CLIENTS; i++) {
        client_expect_answer(fds[i], 200, "at last");
        close(fds[i]);
    }
    ck_assert_uint_eq(answers_max, ANSWERS);
    served_close();
}
END_TEST

SUITE("daemon_run", a_daemon_that_waits_for_events_has_no_next_run, a_daemon_with_a_timeout_runs_again_by_then,
      a_daemon_in_a_hurry_runs_a_few_times_and_then_after_other_events, pending_requests_are_polled_and_not_spun_on,
      replies_get_the_runs_that_they_still_need, a_run_asked_for_within_a_run_follows_at_once,
      kicks_come_before_a_run_and_the_request_filter_reads_only_within_it,
      sockets_that_the_daemon_has_dropped_are_forgotten, every_model_gets_its_requests_before_one_works_on_the_loop,
      an_answer_from_within_a_run_goes_out_in_the_same_one,
      handlers_on_the_loop_get_two_rounds_and_then_others_their_turn, the_end_of_a_drain_is_seen_after_a_run,
      answers_that_come_together_are_sent_in_several_runs, answers_within_a_run_start_none_inside_it,
      after_so_many_early_runs_the_other_events_of_the_loop_come_first, a_run_that_is_due_comes_before_the_loop_waits,
      an_event_of_the_daemon_is_served_in_the_iteration_that_reports_it,
      no_client_waits_for_the_answers_of_all_the_others)
