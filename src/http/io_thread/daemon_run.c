#include "http/io_thread/daemon_run.h"

#include "base/check.h"
#include "base/fork.h"
#include "http/connection/drain.h"
#include "http/io_thread/io_thread.h"
#include "http/request/request_filter.h"
#include "http/wire/interpose.h"

enum {
    MHD_RUNS_PER_ROUND = 4,
    ROUNDS_PER_RUN = 2, /* the second round sends the answers that models gave on the loop in the first */
    ANSWERS_PER_RUN = 32,
    EARLY_RUNS = 8, /* runs for answers in one iteration of the loop; its other events must not wait longer */
    PENDING_POLL_MS = 1,
};

static void on_daemon_timer(uv_timer_t *timer)
{
    io_thread_want_run(timer->data);
}

/* Makes sure that the loop does not block for longer than wait_ms. */
static void wait_at_most(struct io_thread *io_thread, uint64_t wait_ms)
{
    uv_timer_t *timer = &io_thread->daemon_timer;
    if (uv_is_active((uv_handle_t *)timer) && uv_timer_get_due_in(timer) <= wait_ms)
        return;
    CHECK(uv_timer_start(timer, on_daemon_timer, wait_ms, 0) == 0);
}

/* Runs the daemon while it makes progress, but at most MHD_RUNS_PER_ROUND times: the loop has other events to serve. A
 * daemon with pending requests always wants to run again at once. That only helps while something else progresses;
 * otherwise the daemon runs again after PENDING_POLL_MS, or as soon as there is an answer. True: the daemon should run
 * again at once. Otherwise, *wait_ms is the time until its next run; UINT64_MAX: it only waits for an event. */
static bool run_daemon(struct io_thread *io_thread, uint64_t *wait_ms)
{
    MHD_UNSIGNED_LONG_LONG asked_ms = 0;
    bool waits, again;
    unsigned runs = 0;
    interpose_begin(io_thread, request_filter_recv);
    do {
        io_thread->run_due = io_thread->progressed = false;
        io_thread->answers = 0;
        if (io_thread->owed_runs > 0)
            io_thread->owed_runs--;
        connection_carry_out_kicks(io_thread);
        CHECK(MHD_run(io_thread->daemon) == MHD_YES);
        accept_queue_ran(&io_thread->accept_queue);
        waits = MHD_get_timeout(io_thread->daemon, &asked_ms) == MHD_YES;
        bool worth_it = io_thread->progressed || io_thread->owed_runs > 0 || io_thread->pending == 0;
        again = io_thread->run_due || (waits && asked_ms == 0 && worth_it);
    } while (again && ++runs < MHD_RUNS_PER_ROUND);
    interpose_end();
    *wait_ms = !waits ? UINT64_MAX : asked_ms ? asked_ms : PENDING_POLL_MS;
    return again;
}

/* Hands work to the models, once per round. Models that pass the work to other threads come first, because the others
 * occupy the loop for a while. */
static void give_to_models(struct io_thread *io_thread)
{
    struct models *models = io_thread->routes->models;
    for (unsigned i = 0; i < models->count; i++)
        if (models->list[i].ops->flush)
            models->list[i].ops->flush(&models->list[i], io_thread->loop);
    for (unsigned i = 0; i < models->count; i++)
        if (models->list[i].ops->work_off && models->list[i].ops->work_off(&models->list[i], io_thread->loop))
            io_thread_want_run(io_thread);
}

void daemon_run_now(struct io_thread *io_thread)
{
    loop_check(io_thread->loop);
    uint64_t wait_ms;
    bool again;
    unsigned rounds = 0;
    CHECK(!io_thread->in_run);
    io_thread->in_run = true;
    do {
        again = run_daemon(io_thread, &wait_ms);
        give_to_models(io_thread);
    } while (io_thread->run_due && ++rounds < ROUNDS_PER_RUN);
    io_thread->in_run = false;
    drain_check(io_thread);
    if (again || io_thread->run_due)
        wait_at_most(io_thread, 0);
    else if (wait_ms != UINT64_MAX)
        wait_at_most(io_thread, wait_ms);
}

static void take_due(struct io_thread *io_thread)
{
    if (io_thread->run_due)
        daemon_run_now(io_thread);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct io_thread *io_thread = prepare->data;
    if (fork_is_child()) /* a handler in C has forked in a callback of its own */
        fork_end_child("has returned to the event loop");
    io_thread->early_runs = 0;
    take_due(io_thread);
}

static void on_check(uv_check_t *check)
{
    take_due(check->data);
}

static void on_daemon_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    io_thread_want_run(poll->data);
}

/* Many answers may come together, for example from timers of the same millisecond. If they also went out together, each
 * request would wait for all the others, and the clients' next requests would come together again. */
void daemon_run_for_answer(struct io_thread *io_thread)
{
    io_thread_want_run(io_thread);
    if (++io_thread->answers < ANSWERS_PER_RUN || io_thread->in_run || io_thread->early_runs == EARLY_RUNS)
        return;
    io_thread->early_runs++;
    daemon_run_now(io_thread);
}

void daemon_run_start(struct io_thread *io_thread)
{
    uv_loop_t *loop = &io_thread->loop->uv;
    CHECK(uv_poll_init(loop, &io_thread->daemon_poll, io_thread->daemon_epoll_fd) == 0);
    CHECK(uv_timer_init(loop, &io_thread->daemon_timer) == 0);
    CHECK(uv_prepare_init(loop, &io_thread->prepare) == 0);
    CHECK(uv_check_init(loop, &io_thread->check) == 0);
    io_thread->daemon_poll.data = io_thread->daemon_timer.data = io_thread->prepare.data = io_thread->check.data =
        io_thread;
    CHECK(uv_poll_start(&io_thread->daemon_poll, UV_READABLE, on_daemon_readable) == 0);
    CHECK(uv_prepare_start(&io_thread->prepare, on_prepare) == 0);
    CHECK(uv_check_start(&io_thread->check, on_check) == 0);
}
