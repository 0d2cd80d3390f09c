#include "stats/histogram_json.h"

#include <string.h>

#include "stats/made_up.h"
#include "suite.h"

static struct histogram_sum sum;

static void record(const uint64_t *values_ns, unsigned count)
{
    static struct histogram histogram;
    memset(&histogram, 0, sizeof histogram);
    histogram_sum_free(&sum);
    for (unsigned i = 0; i < count; i++)
        histogram_record(&histogram, values_ns[i]);
    ck_assert_int_eq(histogram_sum_read(&sum, &histogram), ERR_OK);
}

START_TEST(an_empty_one_is_all_zeros)
{
    record(NULL, 0);
    json_t *object = histogram_json(&sum);
    expect_keys(object, HISTOGRAM_KEYS);
    expect_integer(object, "count", 0);
    static const char *const reals[] = {"sum", "min", "p50", "p90", "p99", "p999", "max"};
    for (unsigned i = 0; i < sizeof reals / sizeof reals[0]; i++)
        expect_real(object, reals[i], 0, 0);
    json_decref(object);
}
END_TEST

static void expect_near(json_t *object, const char *key, double value)
{
    expect_real(object, key, value * 0.992, value * 1.008);
}

/* Of 1000 values, 500 are at most 1 ms, 900 at most 10 ms, 990 at most 100 ms, and 999 at most 1 s. */
START_TEST(times_are_in_seconds_and_quantiles_are_where_they_should_be)
{
    enum { COUNT = 1000 };
    static uint64_t values[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        unsigned rank = i * 7 % COUNT; /* out of order: 7 and 1000 have no common divisor */
        values[i] = rank < 500 ? 1000000 : rank < 900 ? 10000000 : rank < 990 ? 100000000 : 1000000000;
        values[i] *= rank == 999 ? 10 : 1;
    }
    record(values, COUNT);
    json_t *object = histogram_json(&sum);
    expect_keys(object, HISTOGRAM_KEYS);
    expect_integer(object, "count", COUNT);
    expect_real(object, "sum", 32.5 - 1e-9, 32.5 + 1e-9); /* 0.5 + 4 + 9 + 9 + 10 */
    expect_real(object, "min", 0.001, 0.001);
    expect_real(object, "max", 10, 10);
    expect_near(object, "p50", 0.001);
    expect_near(object, "p90", 0.01);
    expect_near(object, "p99", 0.1);
    expect_near(object, "p999", 1);
    json_decref(object);
}
END_TEST

START_TEST(nanoseconds_are_not_lost)
{
    static const uint64_t values[] = {1, 3};
    record(values, 2);
    json_t *object = histogram_json(&sum);
    expect_real(object, "min", 1e-9, 1e-9);
    expect_real(object, "p50", 1e-9, 1e-9);
    expect_real(object, "p999", 3e-9, 3e-9);
    expect_real(object, "sum", 4e-9, 4e-9);
    json_decref(object);
}
END_TEST

static json_t *make(void)
{
    return histogram_json(&sum);
}

START_TEST(it_is_null_where_memory_runs_out)
{
    record(NULL, 0);
    expect_null_or_all_where_memory_runs_out(make);
}
END_TEST

SUITE("histogram_json", an_empty_one_is_all_zeros, times_are_in_seconds_and_quantiles_are_where_they_should_be,
      nanoseconds_are_not_lost, it_is_null_where_memory_runs_out)
