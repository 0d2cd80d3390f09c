#include "base/histogram.h"

#include <string.h>

#include "suite.h"

static struct histogram histogram;

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

static void record_all(const uint64_t *values, size_t count)
{
    memset(&histogram, 0, sizeof histogram);
    for (size_t i = 0; i < count; i++)
        histogram_record(&histogram, values[i]);
}

START_TEST(a_value_is_counted_in_its_bucket_and_widens_the_range)
{
    const uint64_t values[] = {7, 7, 5000, 3};
    record_all(values, 4);
    ck_assert_uint_eq(histogram.buckets[7], 2);
    ck_assert_uint_eq(histogram.buckets[histogram_bucket(5000)], 1);
    ck_assert_uint_eq(histogram.buckets[3], 1);
    ck_assert_uint_eq(histogram.sum_ns, 5017);
    ck_assert_uint_eq(histogram.min_plus_one_ns, 4);
    ck_assert_uint_eq(histogram.max_ns, 5000);
}
END_TEST

START_TEST(zero_is_a_value)
{
    const uint64_t zero = 0;
    record_all(&zero, 1);
    ck_assert_uint_eq(histogram.buckets[0], 1);
    ck_assert_uint_eq(histogram.min_plus_one_ns, 1);
}
END_TEST

START_TEST(what_is_beyond_the_range_is_in_the_last_bucket)
{
    ck_assert_uint_eq(histogram_bucket(1ULL << 42), HISTOGRAM_BUCKETS - 1);
    ck_assert_uint_eq(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
    const uint64_t value = 1ULL << 50;
    record_all(&value, 1);
    ck_assert_uint_eq(histogram.buckets[HISTOGRAM_BUCKETS - 1], 1);
    ck_assert_uint_eq(histogram.max_ns, value);
}
END_TEST

SUITE("histogram", buckets_are_in_order_and_within_one_percent, every_bucket_can_be_reached_and_holds_its_middle,
      a_value_is_counted_in_its_bucket_and_widens_the_range, zero_is_a_value,
      what_is_beyond_the_range_is_in_the_last_bucket)
