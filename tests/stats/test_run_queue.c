#include "stats/run_queue.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "stats/made_up.h"
#include "suite.h"

static atomic_bool enough;

static void spin(void *unused)
{
    (void)unused;
    while (!enough)
        continue;
}

/* Two threads compute on one core. Whatever else runs there, each waits while the other runs. */
START_TEST(who_waits_for_a_core_is_seen_to)
{
    enum { MS = 200 };
    cpu_set_t all;
    uv_thread_t thread;
    if (access("/proc/self/schedstat", R_OK) != 0)
        return;
    stay_on_one_core(&all);
    uint64_t before_ns = run_queue_wait_ns();
    ck_assert_int_eq(uv_thread_create(&thread, spin, NULL), 0);
    for (uint64_t begun_ns = clock_ns(); clock_ns() - begun_ns < MS * NS_PER_MS;)
        continue;
    uint64_t waited_ns = run_queue_wait_ns() - before_ns;
    enough = true;
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    ck_assert_uint_gt(waited_ns, MS / 2 * NS_PER_MS);
    ck_assert_int_eq(sched_setaffinity(0, sizeof all, &all), 0);
}
END_TEST

START_TEST(who_sleeps_does_not_wait_for_a_core)
{
    uint64_t before_ns = run_queue_wait_ns();
    uv_sleep(300);
    ck_assert_uint_lt(run_queue_wait_ns() - before_ns, 250 * NS_PER_MS);
}
END_TEST

SUITE("run_queue", who_waits_for_a_core_is_seen_to, who_sleeps_does_not_wait_for_a_core)
