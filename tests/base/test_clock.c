#include "base/clock.h"

#include "suite.h"

static uint64_t system_clock_ns(clockid_t id)
{
    struct timespec now;
    ck_assert_int_eq(clock_gettime(id, &now), 0);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

START_TEST(a_moment_is_on_the_monotonic_clock_and_never_goes_back)
{
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t before_ns = system_clock_ns(CLOCK_MONOTONIC);
        uint64_t now_ns = clock_ns();
        ck_assert_uint_ge(now_ns, before_ns);
        ck_assert_uint_le(now_ns, system_clock_ns(CLOCK_MONOTONIC));
    }
}
END_TEST

START_TEST(the_seconds_are_those_since_the_epoch)
{
    /* A double represents these seconds to less than a microsecond. */
    double before = (double)system_clock_ns(CLOCK_REALTIME) / 1e9 - 1e-6;
    double now = clock_unix_seconds();
    ck_assert_double_ge(now, before);
    ck_assert_double_le(now, (double)system_clock_ns(CLOCK_REALTIME) / 1e9 + 1e-6);
}
END_TEST

START_TEST(what_is_between_two_moments_is_never_less_than_nothing)
{
    ck_assert_uint_eq(clock_between(5, 7), 2);
    ck_assert_uint_eq(clock_between(7, 7), 0);
    ck_assert_uint_eq(clock_between(7, 5), 0); /* the times were read on two cores */
    ck_assert_uint_eq(clock_between(0, UINT64_MAX), UINT64_MAX);
}
END_TEST

SUITE("clock", a_moment_is_on_the_monotonic_clock_and_never_goes_back, the_seconds_are_those_since_the_epoch,
      what_is_between_two_moments_is_never_less_than_nothing)
