/* The length of a sleep is not measured. The tests take it from the calls of clock_nanosleep, which is replaced here,
 * and from the order in which the loop's timers fire. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <time.h>

#include "suite.h"
#include "workloads/variants.h"
#include "workloads/workloads.h"

/* The sleeps that the blocking variant asked for, and how many of them are interrupted. Set before its thread starts.
 */
static bool pretending;
static unsigned interruptions, calls;
static struct timespec asked[8];

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left)
{
    static int (*real)(clockid_t, int, const struct timespec *, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_nanosleep");
    if (!pretending)
        return real(clock, flags, wanted, left);
    if (clock != CLOCK_MONOTONIC || flags != 0 || calls == sizeof asked / sizeof asked[0])
        abort();
    asked[calls++] = *wanted;
    if (calls > interruptions)
        return 0;
    left->tv_sec = wanted->tv_sec - 1;
    left->tv_nsec = wanted->tv_nsec;
    return EINTR;
}

static void expect_asked(unsigned call, time_t seconds, long nanoseconds)
{
    ck_assert_int_eq(asked[call].tv_sec, seconds);
    ck_assert_int_eq(asked[call].tv_nsec, nanoseconds);
}

START_TEST(the_blocking_variant_sleeps_as_long_as_asked)
{
    static const int64_t ms[] = {0, 1, 999, 1000, 59999, 60000};
    pretending = true;
    variants_open(&workload_sleep);
    for (unsigned i = 0; i < sizeof ms / sizeof ms[0]; i++) {
        char body[64];
        snprintf(body, sizeof body, "{\"slept_ms\":%d}", (int)ms[i]);
        variants_expect_answer(BLOCKING, ms[i], 0, "application/json", body);
        expect_asked(i, ms[i] / 1000, (long)(ms[i] % 1000) * 1000000);
    }
    ck_assert_uint_eq(calls, sizeof ms / sizeof ms[0]);
    variants_close();
}
END_TEST

START_TEST(a_signal_does_not_wake_the_blocking_variant)
{
    pretending = true;
    interruptions = 3;
    variants_open(&workload_sleep);
    variants_expect_answer(BLOCKING, 5250, 0, "application/json", "{\"slept_ms\":5250}");
    ck_assert_uint_eq(calls, 4);
    for (unsigned call = 0; call < 4; call++)
        expect_asked(call, 5 - (time_t)call, 250000000);
    variants_close();
}
END_TEST

START_TEST(the_answer_says_how_long_it_was_to_be)
{
    variants_open(&workload_sleep);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
        variants_expect_answer(variant, 0, 0, "application/json", "{\"slept_ms\":0}");
        variants_expect_answer(variant, 2, 0, "application/json", "{\"slept_ms\":2}");
    }
    variants_close();
}
END_TEST

static struct request *sleeper, *long_sleeper;
static uv_timer_t other;
static unsigned back_at_other; /* the requests that were back when that timer fired */

static void on_other(uv_timer_t *timer)
{
    back_at_other = variants_returned_count;
    uv_close((uv_handle_t *)timer, NULL);
    if (long_sleeper)
        workload_sleep.cancel(long_sleeper);
}

static void start_other(uint64_t ms)
{
    uv_timer_init(&variants_loop->uv, &other);
    uv_update_time(&variants_loop->uv);
    uv_timer_start(&other, on_other, ms, 0);
}

static void start_both(void)
{
    workload_sleep.start(long_sleeper);
    workload_sleep.start(sleeper);
    ck_assert_uint_eq(variants_returned_count, 0);
    start_other(20); /* due after the short sleep, however long this took */
}

START_TEST(sleepers_of_the_evented_variant_sleep_at_the_same_time)
{
    variants_open(&workload_sleep);
    long_sleeper = variants_request(60000, 0);
    sleeper = variants_request(10, 0);
    variants_run(start_both, 2);
    ck_assert_ptr_eq(variants_returned[0], sleeper);
    ck_assert_ptr_eq(variants_returned[1], long_sleeper);
    ck_assert_uint_eq(back_at_other, 1);
    variants_close();
}
END_TEST

/* The other timer is due after 30 ms. The sleeper starts after at least 25 ms, so its 10 ms end after at least 35 ms.
 */
static void start_late(void)
{
    start_other(30);
    uint64_t until_ms = uv_now(&variants_loop->uv) + 25;
    while (uv_hrtime() / 1000000 < until_ms) /* blocks the loop, so that its clock gets old */
        continue;
    workload_sleep.start(sleeper);
}

START_TEST(the_evented_variant_counts_from_its_start_on_a_loop_that_is_late)
{
    back_at_other = UINT_MAX;
    variants_open(&workload_sleep);
    sleeper = variants_request(10, 0);
    variants_run(start_late, 1);
    ck_assert_uint_eq(back_at_other, 0);
    variants_close();
}
END_TEST

static struct request *cancelled, *kept;

static void cancel_one(void)
{
    workload_sleep.start(cancelled);
    workload_sleep.start(kept);
    ck_assert_uint_eq(variants_returned_count, 0);
    workload_sleep.cancel(cancelled);
}

START_TEST(a_cancelled_sleep_comes_back_soon_and_once_and_no_other_does)
{
    variants_open(&workload_sleep);
    cancelled = variants_request(60000, 0);
    kept = variants_request(20, 0);
    variants_run(cancel_one, 2);
    ck_assert_ptr_eq(variants_returned[0], cancelled);
    ck_assert_ptr_eq(variants_returned[1], kept);
    variants_expect(kept, 200, "application/json", "{\"slept_ms\":20}");
    variants_close();
}
END_TEST

SUITE("sleep", the_blocking_variant_sleeps_as_long_as_asked, a_signal_does_not_wake_the_blocking_variant,
      the_answer_says_how_long_it_was_to_be, sleepers_of_the_evented_variant_sleep_at_the_same_time,
      the_evented_variant_counts_from_its_start_on_a_loop_that_is_late,
      a_cancelled_sleep_comes_back_soon_and_once_and_no_other_does)
