/* Workers that share a lock, as Python's threads share the GIL. Here the lock is an ordinary mutex. */
#include "dispatch/handoff.h"

#include <pthread.h>
#include <sched.h>

#include "core/rig.h"
#include "suite.h"

enum { WORKERS_MAX = 4 };

static struct handoff handoff;
static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static uv_thread_t threads[WORKERS_MAX];
static unsigned worker_count;

/* A request with params[0] set releases the shared lock and waits here until the test posts. */
static uv_sem_t blocked, unblock;
static atomic_uint handled_by[WORKERS_MAX];
static atomic_uint inside; /* holders of the shared lock */

static void handle(struct request *request)
{
    if (request->params[0]) {
        atomic_fetch_sub(&inside, 1);
        pthread_mutex_unlock(&shared);
        uv_sem_post(&blocked);
        uv_sem_wait(&unblock);
        pthread_mutex_lock(&shared);
        atomic_fetch_add(&inside, 1);
    }
}

static void run_worker(void *index)
{
    unsigned self = (unsigned)(uintptr_t)index;
    while (handoff_wait(&handoff, self)) {
        pthread_mutex_lock(&shared);
        ck_assert_uint_eq(atomic_fetch_add(&inside, 1), 0);
        for (struct request *request = handoff_first(&handoff); request; request = handoff_next(&handoff, 0)) {
            handle(request);
            atomic_fetch_add(&handled_by[self], 1);
            request_done(request);
        }
        atomic_fetch_sub(&inside, 1);
        pthread_mutex_unlock(&shared);
    }
}

static void open_handoff(unsigned workers)
{
    rig_open();
    rig_config.queue_limit = RIG_REQUESTS_MAX;
    worker_count = workers;
    ck_assert_int_eq(handoff_init(&handoff, &rig_model, HANDOFF_SHARED_LOCK, workers), ERR_OK);
    uv_sem_init(&blocked, 0);
    uv_sem_init(&unblock, 0);
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
    uv_sem_destroy(&blocked);
    uv_sem_destroy(&unblock);
    rig_close();
}

static void submit(bool blocks)
{
    struct request *request = rig_request();
    request->params[0] = blocks;
    ck_assert_int_eq(handoff_submit(&handoff, request), ERR_OK);
}

static void submit_a_hundred(void)
{
    for (unsigned i = 0; i < 100; i++)
        submit(false);
    handoff_flush(&handoff, rig_loop);
}

START_TEST(every_request_is_handled_once)
{
    for (unsigned workers = 1; workers <= WORKERS_MAX; workers++) {
        open_handoff(workers);
        for (unsigned batch = 1; batch <= 20; batch++)
            rig_run(submit_a_hundred, batch * 100);
        close_handoff();
    }
    unsigned handled = 0;
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        handled += atomic_load(&handled_by[i]);
    ck_assert_uint_eq(handled, WORKERS_MAX * 20 * 100);
}
END_TEST

static void submit_one_by_one(void)
{
    for (unsigned i = 0; i < 100; i++) {
        submit(false);
        handoff_flush(&handoff, rig_loop);
        handoff_flush(&handoff, rig_loop); /* no new request: no worker is woken */
    }
}

START_TEST(a_flush_of_each_request_loses_none)
{
    open_handoff(3);
    for (unsigned batch = 1; batch <= 20; batch++)
        rig_run(submit_one_by_one, batch * 100);
    close_handoff();
}
END_TEST

static void submit_one_that_blocks_and_a_hundred(void)
{
    submit(true);
    submit_a_hundred();
}

/* Without the watchdog they would wait for the handler that blocks. */
START_TEST(others_go_on_while_a_handler_blocks_without_the_lock)
{
    open_handoff(2);
    rig_run(submit_one_that_blocks_and_a_hundred, 100);
    uv_sem_wait(&blocked);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_int_eq(rig_returned[i]->params[0], 0);
    uv_sem_post(&unblock);
    rig_run(NULL, 101);
    ck_assert_int_eq(rig_returned[100]->params[0], 1);
    close_handoff();
}
END_TEST

static void submit_three_that_block_and_a_hundred(void)
{
    for (unsigned i = 0; i < 3; i++)
        submit(true);
    submit_a_hundred();
}

START_TEST(as_many_may_block_as_there_are_workers_but_one)
{
    open_handoff(4);
    rig_run(submit_three_that_block_and_a_hundred, 100);
    for (unsigned i = 0; i < 3; i++)
        uv_sem_wait(&blocked);
    for (unsigned i = 0; i < 3; i++)
        uv_sem_post(&unblock);
    rig_run(NULL, 103);
    close_handoff();
}
END_TEST

/* Returns when this many workers sleep. */
static void wait_for_parked(unsigned count)
{
    for (unsigned parked = worker_count + 1; parked != count;) {
        sched_yield();
        uv_mutex_lock(&handoff.queue.lock);
        parked = handoff.parked_count;
        uv_mutex_unlock(&handoff.queue.lock);
    }
}

static void expect_parked(unsigned count)
{
    uv_mutex_lock(&handoff.queue.lock);
    ck_assert_uint_eq(handoff.parked_count, count);
    uv_mutex_unlock(&handoff.queue.lock);
}

/* The loop does not run, so no watchdog wakes a second worker. */
START_TEST(one_worker_is_woken_and_only_where_all_sleep)
{
    open_handoff(4);
    for (unsigned round = 1; round <= 20; round++) {
        wait_for_parked(4);
        unsigned next = handoff.parked[3]; /* the worker that has slept for the shortest time */
        unsigned handled = atomic_load(&handled_by[next]);
        pthread_mutex_lock(&shared);
        submit_one_by_one();
        expect_parked(3);
        pthread_mutex_unlock(&shared);
        wait_for_parked(4);
        ck_assert_uint_eq(atomic_load(&handled_by[next]), handled + 100);
        rig_run(NULL, round * 100);
    }
    close_handoff();
}
END_TEST

static void submit_two_that_block_and_one(void)
{
    submit(true);
    submit(true);
    submit(false);
    handoff_flush(&handoff, rig_loop);
}

static unsigned blocked_count;

static void stop_when_two_block(uv_check_t *check)
{
    while (uv_sem_trywait(&blocked) == 0)
        blocked_count++;
    if (blocked_count == 2)
        uv_stop(check->loop);
}

START_TEST(after_a_stall_one_stands_by_and_needs_no_watchdog)
{
    uv_check_t check;
    open_handoff(3);
    wait_for_parked(3);
    uv_check_init(&rig_loop->uv, &check);
    uv_check_start(&check, stop_when_two_block);
    submit_two_that_block_and_one();
    loop_run(rig_loop); /* the loop's watchdog sees the first stall */
    uv_close((uv_handle_t *)&check, NULL);
    wait_for_parked(1); /* the third worker has handled the last request */
    unsigned handled = 0;
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        handled += atomic_load(&handled_by[i]);
    ck_assert_uint_eq(handled, 1);
    uv_sem_post(&unblock);
    uv_sem_post(&unblock);
    rig_run(NULL, 3);
    close_handoff();
}
END_TEST

static unsigned active_timers;

static void count_active_timer(uv_handle_t *handle, void *unused)
{
    (void)unused;
    active_timers += handle->type == UV_TIMER && uv_is_active(handle);
}

static unsigned timers(void)
{
    active_timers = 0;
    uv_walk(&rig_loop->uv, count_active_timer, NULL);
    return active_timers;
}

START_TEST(the_watchdog_runs_only_while_something_waits)
{
    open_handoff(2);
    rig_run(NULL, 0);
    unsigned idle = timers(); /* the loop's own timers */
    for (unsigned round = 1; round <= 3; round++) {
        submit_a_hundred();
        ck_assert_uint_eq(timers(), idle + 1);
        rig_run(NULL, round * 100);
        while (timers() > idle)
            uv_run(&rig_loop->uv, UV_RUN_ONCE);
    }
    close_handoff();
}
END_TEST

START_TEST(closed_every_worker_ends_also_one_that_never_worked)
{
    for (unsigned i = 0; i < 50; i++) {
        open_handoff(WORKERS_MAX);
        close_handoff();
    }
}
END_TEST

static void submit_and_close(void)
{
    submit_a_hundred();
    handoff_close(&handoff);
}

START_TEST(what_waits_when_it_is_closed_is_still_handled)
{
    for (unsigned i = 0; i < 20; i++) {
        open_handoff(2);
        rig_run(submit_and_close, 100);
        close_handoff();
    }
}
END_TEST

SUITE("handoff", every_request_is_handled_once, a_flush_of_each_request_loses_none,
      others_go_on_while_a_handler_blocks_without_the_lock, as_many_may_block_as_there_are_workers_but_one,
      one_worker_is_woken_and_only_where_all_sleep, after_a_stall_one_stands_by_and_needs_no_watchdog,
      the_watchdog_runs_only_while_something_waits, closed_every_worker_ends_also_one_that_never_worked,
      what_waits_when_it_is_closed_is_still_handled)
