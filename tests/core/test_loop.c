#include "core/loop.h"

#include "base/clock.h"
#include "rig.h"
#include "suite.h"

enum { THREADS = 4, EACH = 500 };

static struct request *pending[THREADS][EACH];

static void post_all(void *requests)
{
    struct request **each = requests;
    ck_assert_ptr_null(loop_current());
    for (unsigned i = 0; i < EACH; i++)
        loop_post(rig_loop, each[i]);
}

START_TEST(what_several_threads_post_comes_once_each_in_its_thread_s_order)
{
    uv_thread_t threads[THREADS];
    unsigned seen[THREADS] = {0};
    rig_open();
    for (unsigned t = 0; t < THREADS; t++)
        for (unsigned i = 0; i < EACH; i++)
            pending[t][i] = rig_request();
    for (unsigned t = 0; t < THREADS; t++)
        ck_assert_int_eq(uv_thread_create(&threads[t], post_all, pending[t]), 0);
    rig_run(NULL, THREADS * EACH);
    for (unsigned t = 0; t < THREADS; t++)
        ck_assert_int_eq(uv_thread_join(&threads[t]), 0);
    for (unsigned r = 0; r < THREADS * EACH; r++) {
        unsigned t = 0;
        while (t < THREADS && (seen[t] == EACH || pending[t][seen[t]] != rig_returned[r]))
            t++;
        ck_assert_msg(t < THREADS, "request %u is no thread's next", r);
        seen[t]++;
    }
    rig_close();
}
END_TEST

static unsigned turns;

static void on_turn(uv_check_t *check)
{
    turns++;
    uv_check_stop(check);
    uv_stop(check->loop);
}

static void wake(void *unused)
{
    (void)unused;
    loop_wake(rig_loop);
}

START_TEST(a_wake_from_another_thread_makes_it_turn)
{
    uv_thread_t thread;
    uv_check_t check;
    rig_open();
    uv_check_init(&rig_loop->uv, &check);
    uv_check_start(&check, on_turn);
    ck_assert_int_eq(uv_thread_create(&thread, wake, NULL), 0);
    uv_run(&rig_loop->uv, UV_RUN_DEFAULT); /* no timer runs: but for the wake-up it would block for ever */
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    ck_assert_uint_eq(turns, 1);
    uv_close((uv_handle_t *)&check, NULL);
    rig_close();
}
END_TEST

static void look_who_runs(void)
{
    ck_assert_ptr_eq(loop_current(), rig_loop);
    turns++;
}

START_TEST(it_is_the_current_one_while_it_runs)
{
    rig_open();
    ck_assert_ptr_null(loop_current());
    rig_run(look_who_runs, 0);
    ck_assert_uint_eq(turns, 1);
    ck_assert_ptr_null(loop_current());
    rig_close();
}
END_TEST

static uv_timer_t looker;

/* Until the loop has looked twice how late its timers are. */
static void on_look(uv_timer_t *timer)
{
    struct histogram_sum sum = {0};
    histogram_add(&sum, &rig_loop->stats.delay);
    if (sum.count >= 2 && counter_read(&rig_loop->stats.idle_ns) > 0)
        uv_stop(timer->loop);
}

START_TEST(it_records_its_delay_and_its_idle_time)
{
    rig_open();
    uint64_t before_ns = clock_ns();
    uv_timer_init(&rig_loop->uv, &looker);
    uv_timer_start(&looker, on_look, 1, 1);
    loop_run(rig_loop);
    uint64_t ran_ns = clock_ns() - before_ns;
    ck_assert_uint_ge(counter_read(&rig_loop->stats.started_ns), before_ns);
    ck_assert_uint_lt(counter_read(&rig_loop->stats.idle_ns), ran_ns);
    uv_close((uv_handle_t *)&looker, NULL);
    rig_close();
}
END_TEST

static void on_block(uv_timer_t *timer)
{
    uint64_t until_ns = clock_ns() + 60 * NS_PER_MS;
    while (clock_ns() < until_ns)
        continue;
    uv_timer_start(timer, on_look, 1, 1);
}

START_TEST(what_blocks_it_shows_in_its_delay)
{
    struct histogram_sum sum = {0};
    rig_open();
    uv_timer_init(&rig_loop->uv, &looker);
    uv_timer_start(&looker, on_block, 1, 0);
    loop_run(rig_loop);
    histogram_add(&sum, &rig_loop->stats.delay);
    ck_assert_uint_ge(sum.max_ns, 40 * NS_PER_MS);
    uv_close((uv_handle_t *)&looker, NULL);
    rig_close();
}
END_TEST

SUITE("loop", what_several_threads_post_comes_once_each_in_its_thread_s_order, a_wake_from_another_thread_makes_it_turn,
      it_is_the_current_one_while_it_runs, it_records_its_delay_and_its_idle_time, what_blocks_it_shows_in_its_delay)
