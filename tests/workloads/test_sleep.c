/* How long it sleeps is not measured but asked: of clock_nanosleep, which is replaced here, and of the order in which
 * the loop's timers fire. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <time.h>

#include "forms.h"
#include "suite.h"
#include "workloads/workloads.h"

/* What the blocking form asked for, and how often it is to be interrupted. Set before its thread starts. */
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

START_TEST(the_blocking_form_sleeps_as_long_as_asked)
{
    static const int64_t ms[] = {0, 1, 999, 1000, 59999, 60000};
    pretending = true;
    forms_open(&workload_sleep);
    for (unsigned i = 0; i < sizeof ms / sizeof ms[0]; i++) {
        char body[64];
        snprintf(body, sizeof body, "{\"slept_ms\":%d}", (int)ms[i]);
        forms_expect_answer(BLOCKING, ms[i], 0, "application/json", body);
        expect_asked(i, ms[i] / 1000, (long)(ms[i] % 1000) * 1000000);
    }
    ck_assert_uint_eq(calls, sizeof ms / sizeof ms[0]);
    forms_close();
}
END_TEST

START_TEST(a_signal_does_not_wake_the_blocking_form)
{
    pretending = true;
    interruptions = 3;
    forms_open(&workload_sleep);
    forms_expect_answer(BLOCKING, 5250, 0, "application/json", "{\"slept_ms\":5250}");
    ck_assert_uint_eq(calls, 4);
    for (unsigned call = 0; call < 4; call++)
        expect_asked(call, 5 - (time_t)call, 250000000);
    forms_close();
}
END_TEST

START_TEST(the_answer_says_how_long_it_was_to_be)
{
    forms_open(&workload_sleep);
    for (enum form form = 0; form < FORM_COUNT; form++) {
        forms_expect_answer(form, 0, 0, "application/json", "{\"slept_ms\":0}");
        forms_expect_answer(form, 2, 0, "application/json", "{\"slept_ms\":2}");
    }
    forms_close();
}
END_TEST

static struct request *sleeper, *long_sleeper;
static uv_timer_t other;
static unsigned back_at_other; /* how many requests were back when that timer fired */

static void on_other(uv_timer_t *timer)
{
    back_at_other = forms_returned_count;
    uv_close((uv_handle_t *)timer, NULL);
    if (long_sleeper)
        workload_sleep.cancel(long_sleeper);
}

static void start_other(uint64_t ms)
{
    uv_timer_init(&forms_loop->uv, &other);
    uv_update_time(&forms_loop->uv);
    uv_timer_start(&other, on_other, ms, 0);
}

static void start_both(void)
{
    workload_sleep.start(long_sleeper);
    workload_sleep.start(sleeper);
    ck_assert_uint_eq(forms_returned_count, 0);
    start_other(20); /* due after the short one, however long this took */
}

START_TEST(sleepers_of_the_evented_form_sleep_at_the_same_time)
{
    forms_open(&workload_sleep);
    long_sleeper = forms_request(60000, 0);
    sleeper = forms_request(10, 0);
    forms_run(start_both, 2);
    ck_assert_ptr_eq(forms_returned[0], sleeper);
    ck_assert_ptr_eq(forms_returned[1], long_sleeper);
    ck_assert_uint_eq(back_at_other, 1);
    forms_close();
}
END_TEST

/* The other timer is due 30 ms after now, the sleeper's 10 ms are over after 35 or more. */
static void start_late(void)
{
    start_other(30);
    uint64_t until_ms = uv_now(&forms_loop->uv) + 25;
    while (uv_hrtime() / 1000000 < until_ms) /* something else is on the loop, whose clock gets old */
        continue;
    workload_sleep.start(sleeper);
}

START_TEST(the_evented_form_counts_from_its_start_on_a_loop_that_is_late)
{
    back_at_other = UINT_MAX;
    forms_open(&workload_sleep);
    sleeper = forms_request(10, 0);
    forms_run(start_late, 1);
    ck_assert_uint_eq(back_at_other, 0);
    forms_close();
}
END_TEST

static struct request *cancelled, *kept;

static void cancel_one(void)
{
    workload_sleep.start(cancelled);
    workload_sleep.start(kept);
    ck_assert_uint_eq(forms_returned_count, 0);
    workload_sleep.cancel(cancelled);
}

START_TEST(a_cancelled_sleep_comes_back_soon_and_once_and_no_other_does)
{
    forms_open(&workload_sleep);
    cancelled = forms_request(60000, 0);
    kept = forms_request(20, 0);
    forms_run(cancel_one, 2);
    ck_assert_ptr_eq(forms_returned[0], cancelled);
    ck_assert_ptr_eq(forms_returned[1], kept);
    forms_expect(kept, 200, "application/json", "{\"slept_ms\":20}");
    forms_close();
}
END_TEST

SUITE("sleep", the_blocking_form_sleeps_as_long_as_asked, a_signal_does_not_wake_the_blocking_form,
      the_answer_says_how_long_it_was_to_be, sleepers_of_the_evented_form_sleep_at_the_same_time,
      the_evented_form_counts_from_its_start_on_a_loop_that_is_late,
      a_cancelled_sleep_comes_back_soon_and_once_and_no_other_does)
