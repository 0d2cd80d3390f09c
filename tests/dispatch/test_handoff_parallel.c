/* src/dispatch/handoff.c, with workers that run in parallel. A request itself says how long it took: params[1]. */
#include <sched.h>

#include "core/rig.h"
#include "dispatch/handoff.h"
#include "suite.h"

enum { WORKERS = 4, MANY = 50 };

static struct handoff handoff;
static uv_thread_t threads[WORKERS];
static unsigned worker_count;

/* A request with params[0] set waits here until the test posts. */
static uv_sem_t begun, go_on;
static atomic_uint handled_by[WORKERS];

static void run_worker(void *index)
{
    unsigned self = (unsigned)(uintptr_t)index;
    while (handoff_wait(&handoff, self)) {
        uint64_t took_ns;
        for (struct request *request = handoff_first(&handoff); request; request = handoff_next(&handoff, took_ns)) {
            took_ns = (uint64_t)request->params[1];
            if (request->params[0]) {
                uv_sem_post(&begun);
                uv_sem_wait(&go_on);
            }
            atomic_fetch_add(&handled_by[self], 1);
            request_done(request);
        }
    }
}

static void open_handoff(unsigned workers)
{
    rig_open();
    rig_config.queue_limit = RIG_REQUESTS_MAX;
    worker_count = workers;
    ck_assert_int_eq(handoff_init(&handoff, &rig_model, HANDOFF_PARALLEL, workers), ERR_OK);
    uv_sem_init(&begun, 0);
    uv_sem_init(&go_on, 0);
    for (unsigned i = 0; i < workers; i++)
        ck_assert_int_eq(uv_thread_create(&threads[i], run_worker, (void *)(uintptr_t)i), 0);
}

static void close_handoff(void)
{
    handoff_close(&handoff);
    for (unsigned i = 0; i < worker_count; i++)
        ck_assert_int_eq(uv_thread_join(&threads[i]), 0);
    handoff_free(&handoff);
    handoff.watchdogs.of_loop = NULL; /* so that LeakSanitizer finds memory that was not freed */
    uv_sem_destroy(&begun);
    uv_sem_destroy(&go_on);
    rig_close();
}

static void submit(unsigned count, bool waits, uint64_t took_ns)
{
    for (unsigned i = 0; i < count; i++) {
        struct request *request = rig_request();
        request->params[0] = waits;
        request->params[1] = (int64_t)took_ns;
        ck_assert_int_eq(handoff_submit(&handoff, request), ERR_OK);
    }
}

static void wait_for_begun(unsigned count)
{
    while (count--)
        uv_sem_wait(&begun);
}

static void let_go(unsigned count)
{
    while (count--)
        uv_sem_post(&go_on);
}

static unsigned parked(void)
{
    uv_mutex_lock(&handoff.queue.lock);
    unsigned count = handoff.parked_count;
    uv_mutex_unlock(&handoff.queue.lock);
    return count;
}

static void wait_for_parked(unsigned count)
{
    while (parked() != count)
        sched_yield();
}

/* Sets the recent mean service time of the handoff. */
static void set_mean(uint64_t mean_ns)
{
    uv_mutex_lock(&handoff.queue.lock);
    handoff.service_time.mean_ns = mean_ns;
    uv_mutex_unlock(&handoff.queue.lock);
}

static void submit_a_hundred(void)
{
    submit(100, false, 0);
    handoff_flush(&handoff, rig_loop);
}

START_TEST(every_request_is_handled_once)
{
    unsigned handled = 0;
    for (unsigned workers = 1; workers <= WORKERS; workers++) {
        open_handoff(workers);
        for (unsigned batch = 1; batch <= 20; batch++) {
            set_mean(batch % 2 ? 0 : 10 * 1000 * 1000);
            rig_run(submit_a_hundred, batch * 100);
        }
        close_handoff();
    }
    for (unsigned i = 0; i < WORKERS; i++)
        handled += atomic_load(&handled_by[i]);
    ck_assert_uint_eq(handled, WORKERS * 20 * 100);
}
END_TEST

/* The loop does not run, so no watchdog wakes another worker. */
START_TEST(for_cheap_ones_a_single_worker_is_woken)
{
    open_handoff(WORKERS);
    for (unsigned round = 1; round <= 20; round++) {
        wait_for_parked(WORKERS);
        unsigned next = handoff.parked[WORKERS - 1]; /* the worker that has slept for the shortest time */
        unsigned handled = atomic_load(&handled_by[next]);
        submit(100, false, 1000);
        handoff_flush(&handoff, rig_loop);
        ck_assert_uint_ge(parked(), WORKERS - 1);
        wait_for_parked(WORKERS);
        ck_assert_uint_eq(atomic_load(&handled_by[next]), handled + 100);
        rig_run(NULL, round * 100);
    }
    close_handoff();
}
END_TEST

START_TEST(for_costly_ones_as_many_as_pay_are_woken_at_once)
{
    static const struct {
        unsigned waiting, mean_us, woken;
    } cases[] = {
        {1, 0, 1},       {1, 1000000, 1}, /* never more workers than requests */
        {2, 1000000, 2}, {3, 1000000, 3}, {4, 1000000, 4},
        {9, 1000000, 4}, {2, 100, 1}, /* one worker needs 200 us for them, which is not worth a wake-up */
        {3, 100, 2},     {4, 100, 2},     {5, 100, 3},
    };
    unsigned total = 0;
    open_handoff(WORKERS);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wait_for_parked(WORKERS);
        set_mean(cases[i].mean_us * 1000);
        submit(cases[i].waiting, true, cases[i].mean_us * 1000);
        handoff_flush(&handoff, rig_loop);
        wait_for_begun(cases[i].woken);
        ck_assert_msg(parked() == WORKERS - cases[i].woken, "case %u: %u parked", i, parked());
        let_go(cases[i].waiting);
        wait_for_begun(cases[i].waiting - cases[i].woken);
        rig_run(NULL, total += cases[i].waiting);
    }
    close_handoff();
}
END_TEST

START_TEST(what_requests_take_is_learnt_from_them)
{
    open_handoff(2);
    wait_for_parked(2);
    submit(1, false, 16 * 1000 * 1000);
    handoff_flush(&handoff, rig_loop);
    wait_for_parked(2);
    ck_assert_uint_eq(handoff.service_time.mean_ns, 1000 * 1000); /* changed by a sixteenth of the difference */
    submit(200, false, 0);
    handoff_flush(&handoff, rig_loop);
    wait_for_parked(2);
    ck_assert_uint_lt(handoff.service_time.mean_ns, 1000);
    rig_run(NULL, 201);
    close_handoff();
}
END_TEST

static void submit_three_that_block_and_a_hundred(void)
{
    submit(3, true, 0);
    submit_a_hundred();
}

START_TEST(those_that_block_do_not_hold_up_the_others)
{
    open_handoff(WORKERS);
    rig_run(submit_three_that_block_and_a_hundred, 100);
    wait_for_begun(3);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_int_eq(rig_returned[i]->params[0], 0);
    /* A single request also finds the last free worker. */
    submit(1, false, 0);
    handoff_flush(&handoff, rig_loop);
    rig_run(NULL, 101);
    let_go(3);
    rig_run(NULL, 104);
    close_handoff();
}
END_TEST

static unsigned gone;
static bool all_woken;

/* Runs as often as the watchdog samples. Each time one request goes on, so the watchdog never sees a stall. */
static void let_one_go(uv_timer_t *timer)
{
    all_woken |= parked() == 0;
    if (all_woken || gone + 1 == MANY) {
        let_go(MANY - gone);
        uv_timer_stop(timer);
        return;
    }
    let_go(1);
    gone++;
    wait_for_begun(1);
}

static uv_timer_t timer;

static void submit_many_that_prove_costly(void)
{
    submit(MANY, true, 1000 * 1000);
    handoff_flush(&handoff, rig_loop);
    ck_assert_int_eq(uv_timer_start(&timer, let_one_go, 1, 1), 0);
    wait_for_begun(1);
}

START_TEST(while_costly_ones_are_worked_off_others_are_woken_without_a_stall)
{
    open_handoff(WORKERS);
    wait_for_parked(WORKERS);
    ck_assert_int_eq(uv_timer_init(&rig_loop->uv, &timer), 0);
    rig_run(submit_many_that_prove_costly, MANY);
    ck_assert(all_woken);
    uv_close((uv_handle_t *)&timer, NULL);
    close_handoff();
}
END_TEST

START_TEST(closed_every_worker_ends_also_one_that_never_worked)
{
    for (unsigned i = 0; i < 50; i++) {
        open_handoff(WORKERS);
        close_handoff();
    }
}
END_TEST

static void submit_and_close(void)
{
    set_mean(10 * 1000 * 1000);
    submit_a_hundred();
    handoff_close(&handoff);
}

START_TEST(what_waits_when_it_is_closed_is_still_handled)
{
    for (unsigned i = 0; i < 20; i++) {
        open_handoff(WORKERS);
        rig_run(submit_and_close, 100);
        close_handoff();
    }
}
END_TEST

SUITE("handoff_parallel", every_request_is_handled_once, for_cheap_ones_a_single_worker_is_woken,
      for_costly_ones_as_many_as_pay_are_woken_at_once, what_requests_take_is_learnt_from_them,
      those_that_block_do_not_hold_up_the_others, while_costly_ones_are_worked_off_others_are_woken_without_a_stall,
      closed_every_worker_ends_also_one_that_never_worked, what_waits_when_it_is_closed_is_still_handled)
