#include "base/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "suite.h"

static struct histogram histogram;
static struct histogram_sum sum;

static void record_all(const uint64_t *values, size_t count)
{
    memset(&histogram, 0, sizeof histogram);
    memset(&sum, 0, sizeof sum);
    for (size_t i = 0; i < count; i++)
        histogram_record(&histogram, values[i]);
    histogram_add(&sum, &histogram);
}

START_TEST(buckets_are_in_order_and_within_one_percent)
{
    unsigned before = 0;
    for (uint64_t ns = 0; ns < 1ULL << 42; ns += 1 + ns / 1000) {
        unsigned bucket = histogram_bucket(ns);
        ck_assert_uint_ge(bucket, before);
        ck_assert_uint_lt(bucket, HISTOGRAM_BUCKETS);
        uint64_t middle = histogram_bucket_middle(bucket);
        uint64_t off = middle > ns ? middle - ns : ns - middle;
        ck_assert_msg(off * 100 <= ns, "%llu falls into the bucket of %llu", (unsigned long long)ns,
                      (unsigned long long)middle);
        before = bucket;
    }
}
END_TEST

START_TEST(every_bucket_can_be_reached_and_holds_its_middle)
{
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
        ck_assert_uint_eq(histogram_bucket(histogram_bucket_middle(bucket)), bucket);
}
END_TEST

START_TEST(what_is_beyond_the_range_is_in_the_last_bucket)
{
    ck_assert_uint_eq(histogram_bucket(1ULL << 42), HISTOGRAM_BUCKETS - 1);
    ck_assert_uint_eq(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
    uint64_t value = 1ULL << 50;
    record_all(&value, 1);
    ck_assert_uint_eq(histogram_quantile_ns(&sum, 0.5), value);
    ck_assert_uint_eq(sum.max_ns, value);
}
END_TEST

START_TEST(an_empty_one_is_all_zero)
{
    record_all(NULL, 0);
    ck_assert_uint_eq(sum.count, 0);
    ck_assert_uint_eq(sum.min_ns, 0);
    ck_assert_uint_eq(sum.max_ns, 0);
    ck_assert_uint_eq(histogram_quantile_ns(&sum, 0.99), 0);
}
END_TEST

START_TEST(zero_is_a_value)
{
    uint64_t values[] = {0, 0, 5};
    record_all(values, 3);
    ck_assert_uint_eq(sum.count, 3);
    ck_assert_uint_eq(sum.min_ns, 0);
    ck_assert_uint_eq(sum.max_ns, 5);
    ck_assert_uint_eq(histogram_quantile_ns(&sum, 0.5), 0);
    ck_assert_uint_eq(histogram_quantile_ns(&sum, 1), 5);
}
END_TEST

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

START_TEST(quantiles_are_within_one_percent_of_the_sorted_values)
{
    enum { COUNT = 100000 };
    static uint64_t values[COUNT];
    uint64_t random = 1, total = 0;
    for (size_t i = 0; i < COUNT; i++) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        values[i] = (random >> 33) >> (random % 24); /* from nanoseconds to seconds */
        total += values[i];
    }
    record_all(values, COUNT);
    qsort(values, COUNT, sizeof values[0], compare);
    ck_assert_uint_eq(sum.count, COUNT);
    ck_assert_uint_eq(sum.sum_ns, total);
    ck_assert_uint_eq(sum.min_ns, values[0]);
    ck_assert_uint_eq(sum.max_ns, values[COUNT - 1]);
    const double shares[] = {0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        size_t rank = (size_t)(shares[i] * COUNT + 0.999999);
        double exact = (double)values[rank ? rank - 1 : 0];
        double got = (double)histogram_quantile_ns(&sum, shares[i]);
        ck_assert_msg(got >= exact * 0.99 - 1 && got <= exact * 1.01 + 1, "share %g: %g, not %g", shares[i], got,
                      exact);
    }
}
END_TEST

START_TEST(merging_two_is_recording_into_one)
{
    uint64_t low[] = {10, 1000, 20}, high[] = {5000000, 70};
    record_all(low, 3);
    struct histogram_sum *first = malloc(sizeof *first);
    *first = sum;
    record_all(high, 2);
    histogram_sum_add(first, &sum);
    ck_assert_uint_eq(first->count, 5);
    ck_assert_uint_eq(first->min_ns, 10);
    ck_assert_uint_eq(first->max_ns, 5000000);
    ck_assert_uint_eq(first->sum_ns, 10 + 1000 + 20 + 5000000 + 70);
    ck_assert_uint_eq(histogram_quantile_ns(first, 0.6), 70);
    free(first);
}
END_TEST

SUITE("histogram", buckets_are_in_order_and_within_one_percent, every_bucket_can_be_reached_and_holds_its_middle,
      what_is_beyond_the_range_is_in_the_last_bucket, an_empty_one_is_all_zero, zero_is_a_value,
      quantiles_are_within_one_percent_of_the_sorted_values, merging_two_is_recording_into_one)
