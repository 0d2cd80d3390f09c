#include "http/turn.h"

#include "base/check.h"
#include "http/drain.h"
#include "http/front.h"
#include "http/recv.h"

enum {
    RUNS_PER_ROUND = 4,
    ROUNDS_PER_TURN = 2, /* the second sends what models have answered on the loop in the first */
    ANSWERS_PER_TURN = 32,
    EARLY_TURNS = 8, /* taken for answers, before the loop comes to its other events */
    PENDING_POLL_MS = 1,
};

static void on_daemon_timer(uv_timer_t *timer)
{
    front_want_turn(timer->data);
}

/* The loop must not block for longer than wait_ms. */
static void wait_at_most(struct front *front, uint64_t wait_ms)
{
    uv_timer_t *timer = &front->daemon_timer;
    if (uv_is_active((uv_handle_t *)timer) && uv_timer_get_due_in(timer) <= wait_ms)
        return;
    CHECK(uv_timer_start(timer, on_daemon_timer, wait_ms, 0) == 0);
}

/* Runs the daemon as long as that gets it on, but not for ever: the loop has others to serve. A daemon with pending
 * requests always wants to run at once, which gets it on only while something else moves; otherwise it is asked again
 * in a millisecond, or as soon as an answer is in. Returns whether it is to run again at once; *wait_ms: else after how
 * long, UINT64_MAX where nothing but an event is waited for. */
static bool run_daemon(struct front *front, uint64_t *wait_ms)
{
    MHD_UNSIGNED_LONG_LONG asked_ms = 0;
    bool waits, again;
    unsigned runs = 0;
    recv_divert(front);
    do {
        front->turn_due = front->progressed = false;
        front->answers = 0;
        if (front->owed_runs > 0)
            front->owed_runs--;
        connection_carry_out_kicks(front);
        CHECK(MHD_run(front->daemon) == MHD_YES);
        arrivals_ran(&front->arrivals);
        waits = MHD_get_timeout(front->daemon, &asked_ms) == MHD_YES;
        bool worth_it = front->progressed || front->owed_runs > 0 || front->pending == 0;
        again = front->turn_due || (waits && asked_ms == 0 && worth_it);
    } while (again && ++runs < RUNS_PER_ROUND);
    recv_divert(NULL);
    *wait_ms = !waits ? UINT64_MAX : asked_ms ? asked_ms : PENDING_POLL_MS;
    return again;
}

/* Work for the models goes out once per round. Those that hand it to other threads come first: the others take the loop
 * for a while. */
static void give_to_models(struct front *front)
{
    struct models *models = front->site->models;
    for (unsigned i = 0; i < models->count; i++)
        if (models->list[i].ops->flush)
            models->list[i].ops->flush(&models->list[i], front->loop);
    for (unsigned i = 0; i < models->count; i++)
        if (models->list[i].ops->work_off && models->list[i].ops->work_off(&models->list[i], front->loop))
            front_want_turn(front);
}

void turn_take(struct front *front)
{
    uint64_t wait_ms;
    bool again;
    unsigned rounds = 0;
    CHECK(!front->in_turn);
    front->in_turn = true;
    do {
        again = run_daemon(front, &wait_ms);
        give_to_models(front);
    } while (front->turn_due && ++rounds < ROUNDS_PER_TURN);
    front->in_turn = false;
    drain_check(front);
    if (again || front->turn_due)
        wait_at_most(front, 0);
    else if (wait_ms != UINT64_MAX)
        wait_at_most(front, wait_ms);
}

static void take_due(struct front *front)
{
    if (front->turn_due)
        turn_take(front);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct front *front = prepare->data;
    front->early_turns = 0;
    take_due(front);
}

static void on_check(uv_check_t *check)
{
    take_due(check->data);
}

static void on_daemon_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    front_want_turn(poll->data);
}

/* Many answers that come together, timers of one millisecond say, would go out together too, each request waiting for
 * all the others; and, answered together, come back together. */
void turn_want_for_answer(struct front *front)
{
    front_want_turn(front);
    if (++front->answers < ANSWERS_PER_TURN || front->in_turn || front->early_turns == EARLY_TURNS)
        return;
    front->early_turns++;
    turn_take(front);
}

void turn_start(struct front *front)
{
    uv_loop_t *loop = &front->loop->uv;
    int epoll_fd = MHD_get_daemon_info(front->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    CHECK(uv_poll_init(loop, &front->daemon_poll, epoll_fd) == 0);
    CHECK(uv_timer_init(loop, &front->daemon_timer) == 0);
    CHECK(uv_prepare_init(loop, &front->prepare) == 0);
    CHECK(uv_check_init(loop, &front->check) == 0);
    front->daemon_poll.data = front->daemon_timer.data = front->prepare.data = front->check.data = front;
    CHECK(uv_poll_start(&front->daemon_poll, UV_READABLE, on_daemon_readable) == 0);
    CHECK(uv_prepare_start(&front->prepare, on_prepare) == 0);
    CHECK(uv_check_start(&front->check, on_check) == 0);
}
