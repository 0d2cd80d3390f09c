#include "bench/load/open_loop/schedule.h"

#include <math.h>

#include "suite.h"

static struct schedule schedule;

START_TEST(constant_arrivals_are_evenly_spaced_and_do_not_drift)
{
    schedule_init(&schedule, ARRIVALS_CONSTANT, 3, 1);
    ck_assert_uint_eq(schedule_next_ns(&schedule), 0);
    ck_assert_uint_eq(schedule_next_ns(&schedule), 333333333);
    ck_assert_uint_eq(schedule_next_ns(&schedule), 666666666);
    for (int i = 3; i < 3000; i++)
        schedule_next_ns(&schedule);
    uint64_t at_ns = schedule_next_ns(&schedule);
    ck_assert_uint_ge(at_ns, 999999999999);
    ck_assert_uint_le(at_ns, 1000000000000);
}
END_TEST

START_TEST(poisson_arrivals_ascend_with_exponential_gaps)
{
    enum { COUNT = 200000 };
    double sum = 0, squares = 0;
    unsigned beyond_mean = 0;
    uint64_t before_ns = 0;
    schedule_init(&schedule, ARRIVALS_POISSON, 1000, 42);
    for (int i = 0; i < COUNT; i++) {
        uint64_t at_ns = schedule_next_ns(&schedule);
        ck_assert_uint_ge(at_ns, before_ns);
        double gap_ms = (double)(at_ns - before_ns) / 1e6;
        sum += gap_ms;
        squares += gap_ms * gap_ms;
        beyond_mean += gap_ms > 1;
        before_ns = at_ns;
    }
    double mean = sum / COUNT, variance = squares / COUNT - mean * mean;
    ck_assert_double_eq_tol(mean, 1, 0.02);
    ck_assert_double_eq_tol(sqrt(variance), 1, 0.02);
    ck_assert_double_eq_tol((double)beyond_mean / COUNT, exp(-1), 0.01);
}
END_TEST

START_TEST(a_seed_gives_the_same_arrivals_again)
{
    struct schedule again, other;
    unsigned different = 0;
    schedule_init(&schedule, ARRIVALS_POISSON, 1000, 7);
    schedule_init(&again, ARRIVALS_POISSON, 1000, 7);
    schedule_init(&other, ARRIVALS_POISSON, 1000, 8);
    for (int i = 0; i < 100; i++) {
        uint64_t at_ns = schedule_next_ns(&schedule);
        ck_assert_uint_eq(schedule_next_ns(&again), at_ns);
        different += schedule_next_ns(&other) != at_ns;
    }
    ck_assert_uint_ge(different, 99);
}
END_TEST

SUITE("schedule", constant_arrivals_are_evenly_spaced_and_do_not_drift, poisson_arrivals_ascend_with_exponential_gaps,
      a_seed_gives_the_same_arrivals_again)
