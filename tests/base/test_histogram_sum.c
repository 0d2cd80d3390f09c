#include "base/histogram_sum.h"

#include <stdlib.h>
#include <string.h>

#include "suite.h"

static struct histogram histogram;

static void record_all(const uint64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        histogram_record(&histogram, values[i]);
}

/* Returns the histogram's sum, which the caller frees. */
static struct histogram_sum sum_of_all(void)
{
    struct histogram_sum sum = {0};
    ck_assert_int_eq(histogram_sum_read(&sum, &histogram), ERR_OK);
    return sum;
}

static struct histogram_sum sum_of(const uint64_t *values, size_t count)
{
    memset(&histogram, 0, sizeof histogram);
    record_all(values, count);
    return sum_of_all();
}

static uint64_t quantile(const struct histogram_sum *sum, double share)
{
    uint64_t ns;
    histogram_sum_quantiles_ns(sum, &share, 1, &ns);
    return ns;
}

static uint64_t at_most(const struct histogram_sum *sum, uint64_t edge_ns)
{
    uint64_t count;
    histogram_sum_at_most(sum, &edge_ns, 1, &count);
    return count;
}

START_TEST(an_empty_one_is_all_zero)
{
    struct histogram_sum sum = sum_of(NULL, 0), other = sum_of(NULL, 0);
    ck_assert_int_eq(histogram_sum_add(&sum, &other), ERR_OK);
    histogram_sum_subtract(&sum, &other);
    ck_assert_uint_eq(sum.count, 0);
    ck_assert_uint_eq(sum.min_ns, 0);
    ck_assert_uint_eq(sum.max_ns, 0);
    ck_assert_uint_eq(quantile(&sum, 0.99), 0);
    ck_assert_uint_eq(at_most(&sum, UINT64_MAX), 0);
    ck_assert_ptr_null(sum.counts);
}
END_TEST

START_TEST(zero_is_a_value)
{
    const uint64_t values[] = {0, 0, 5};
    struct histogram_sum sum = sum_of(values, 3);
    ck_assert_uint_eq(sum.count, 3);
    ck_assert_uint_eq(sum.min_ns, 0);
    ck_assert_uint_eq(sum.max_ns, 5);
    ck_assert_uint_eq(quantile(&sum, 0.5), 0);
    ck_assert_uint_eq(quantile(&sum, 1), 5);
    ck_assert_uint_eq(at_most(&sum, 0), 2);
    histogram_sum_free(&sum);
}
END_TEST

START_TEST(it_has_room_for_its_range_only)
{
    const uint64_t values[] = {1000000, 1100000, 999000};
    struct histogram_sum sum = sum_of(values, 3);
    ck_assert_uint_eq(sum.first, histogram_bucket(999000));
    ck_assert_uint_eq(sum.first + sum.length - 1, histogram_bucket(1100000));
    histogram_sum_free(&sum);
    ck_assert_ptr_null(sum.counts);
    ck_assert_uint_eq(sum.count, 0);
}
END_TEST

START_TEST(beyond_the_last_bucket_the_greatest_value_is_known)
{
    const uint64_t value = 1ULL << 50;
    struct histogram_sum sum = sum_of(&value, 1);
    ck_assert_uint_eq(quantile(&sum, 0.5), value);
    ck_assert_uint_eq(sum.max_ns, value);
    histogram_sum_free(&sum);
}
END_TEST

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

enum { COUNT = 100000 };

/* Returns COUNT random values between nanoseconds and seconds. */
static uint64_t *random_values(void)
{
    static uint64_t values[COUNT];
    uint64_t random = 1;
    for (size_t i = 0; i < COUNT; i++) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        values[i] = (random >> 33) >> (random % 24);
    }
    return values;
}

START_TEST(quantiles_are_within_one_percent_of_the_sorted_values)
{
    uint64_t *values = random_values(), total = 0;
    struct histogram_sum sum = sum_of(values, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        total += values[i];
    qsort(values, COUNT, sizeof values[0], compare);
    ck_assert_uint_eq(sum.count, COUNT);
    ck_assert_uint_eq(sum.sum_ns, total);
    ck_assert_uint_eq(sum.min_ns, values[0]);
    ck_assert_uint_eq(sum.max_ns, values[COUNT - 1]);
    enum { SHARES = 10 };
    const double shares[SHARES] = {0, 0.001, 0.1, 0.5, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};
    uint64_t got[SHARES];
    histogram_sum_quantiles_ns(&sum, shares, SHARES, got);
    for (size_t i = 0; i < SHARES; i++) {
        size_t rank = (size_t)(shares[i] * COUNT + 0.999999);
        double exact = (double)values[rank ? rank - 1 : 0];
        ck_assert_msg((double)got[i] >= exact * 0.99 - 1 && (double)got[i] <= exact * 1.01 + 1,
                      "share %g: %llu, not %g", shares[i], (unsigned long long)got[i], exact);
        ck_assert_uint_eq(quantile(&sum, shares[i]), got[i]);
    }
    histogram_sum_free(&sum);
}
END_TEST

/* An edge may lie anywhere within 0.8 % of the requested value. */
START_TEST(what_is_at_most_an_edge_is_counted)
{
    enum { EDGES = 8 };
    const uint64_t edges[EDGES] = {0, 50, 1000, 250000, 1000000, 7777777, 1000000000, UINT64_MAX};
    uint64_t *values = random_values(), got[EDGES];
    struct histogram_sum sum = sum_of(values, COUNT);
    histogram_sum_at_most(&sum, edges, EDGES, got);
    for (unsigned e = 0; e < EDGES; e++) {
        uint64_t low = 0, high = 0;
        for (size_t i = 0; i < COUNT; i++) {
            low += (double)values[i] <= (double)edges[e] * (1 - 1.0 / 128) - 1;
            high += (double)values[i] <= (double)edges[e] * (1 + 1.0 / 128) + 1;
        }
        ck_assert_msg(got[e] >= low && got[e] <= high, "%llu up to %llu", (unsigned long long)got[e],
                      (unsigned long long)edges[e]);
    }
    ck_assert_uint_eq(got[EDGES - 1], COUNT);
    histogram_sum_free(&sum);
}
END_TEST

static void expect_same(const struct histogram_sum *a, const struct histogram_sum *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_uint_eq(a->sum_ns, b->sum_ns);
    ck_assert_uint_eq(a->min_ns, b->min_ns);
    ck_assert_uint_eq(a->max_ns, b->max_ns);
    for (unsigned percent = 0; percent <= 100; percent += 5)
        ck_assert_uint_eq(quantile(a, percent / 100.0), quantile(b, percent / 100.0));
}

/* In several orders, so that the sum grows at either end, at both, or not at all. */
START_TEST(adding_is_recording_into_one)
{
    const uint64_t all[] = {10, 1000, 20, 5000000, 70, 800};
    static const struct {
        unsigned first, count;
    } orders[][3] = {{{0, 2}, {2, 2}, {4, 2}}, {{4, 2}, {2, 2}, {0, 2}}, {{2, 2}, {0, 2}, {4, 2}}};
    struct histogram_sum whole = sum_of(all, 6);
    for (unsigned o = 0; o < 3; o++) {
        struct histogram_sum added = {0};
        for (unsigned i = 0; i < 3; i++) {
            struct histogram_sum part = sum_of(all + orders[o][i].first, orders[o][i].count);
            ck_assert_int_eq(histogram_sum_add(&added, &part), ERR_OK);
            histogram_sum_free(&part);
        }
        expect_same(&added, &whole);
        histogram_sum_free(&added);
    }
    histogram_sum_free(&whole);
}
END_TEST

START_TEST(reading_two_histograms_is_recording_into_one)
{
    const uint64_t low[] = {10, 1000, 20}, high[] = {5000000, 70}, all[] = {10, 1000, 20, 5000000, 70};
    struct histogram_sum both = sum_of(low, 3), whole = sum_of(all, 5);
    memset(&histogram, 0, sizeof histogram);
    record_all(high, 2);
    ck_assert_int_eq(histogram_sum_read(&both, &histogram), ERR_OK);
    expect_same(&both, &whole);
    histogram_sum_free(&both);
    histogram_sum_free(&whole);
}
END_TEST

static void expect_difference(const uint64_t *earlier, unsigned earlier_count, const uint64_t *since,
                              unsigned since_count)
{
    struct histogram_sum before = sum_of(earlier, earlier_count);
    record_all(since, since_count);
    struct histogram_sum difference = sum_of_all();
    histogram_sum_subtract(&difference, &before);
    struct histogram_sum alone = sum_of(since, since_count);
    ck_assert_uint_eq(difference.count, alone.count);
    ck_assert_uint_eq(difference.sum_ns, alone.sum_ns);
    ck_assert_uint_ge(difference.min_ns, alone.min_ns - alone.min_ns / 127);
    ck_assert_uint_le(difference.min_ns, alone.min_ns + alone.min_ns / 127);
    ck_assert_uint_ge(difference.max_ns, alone.max_ns - alone.max_ns / 127);
    ck_assert_uint_le(difference.max_ns, alone.max_ns + alone.max_ns / 127);
    for (unsigned percent = 0; percent <= 100; percent += 5) {
        uint64_t got = quantile(&difference, percent / 100.0), exact = quantile(&alone, percent / 100.0);
        ck_assert_uint_ge(got, exact - exact / 63);
        ck_assert_uint_le(got, exact + exact / 63);
    }
    histogram_sum_free(&before);
    histogram_sum_free(&difference);
    histogram_sum_free(&alone);
}

START_TEST(a_difference_is_what_came_since)
{
    const uint64_t some[] = {3000, 500000, 700}, others[] = {4000, 5000, 6000, 4000}, wider[] = {60, 90000000, 777};
    expect_difference(some, 3, others, 4);
    expect_difference(some, 3, wider, 3);
    expect_difference(some, 3, some, 3);
    expect_difference(wider, 3, others, 4);
    expect_difference(others, 4, wider, 3);
    expect_difference(others, 4, NULL, 0);
    expect_difference(NULL, 0, others, 4);
    expect_difference(NULL, 0, NULL, 0);
}
END_TEST

START_TEST(a_new_least_or_greatest_value_is_exact_in_a_difference)
{
    const uint64_t earlier[] = {1000003, 2000003}, since[] = {999999, 3000001};
    struct histogram_sum before = sum_of(earlier, 2);
    record_all(since, 2);
    struct histogram_sum difference = sum_of_all();
    histogram_sum_subtract(&difference, &before);
    ck_assert_uint_eq(difference.min_ns, 999999);
    ck_assert_uint_eq(difference.max_ns, 3000001);
    histogram_sum_free(&before);
    histogram_sum_free(&difference);
}
END_TEST

/* The middle of a bucket may lie beyond what was ever recorded. */
START_TEST(a_difference_does_not_leave_the_range_of_the_whole)
{
    const uint64_t least = 1000448, greatest = 1048576; /* the last of one bucket, the first of another */
    const uint64_t values[] = {least, greatest};
    struct histogram_sum before = sum_of(values, 2);
    record_all(values, 2);
    struct histogram_sum difference = sum_of_all();
    histogram_sum_subtract(&difference, &before);
    ck_assert_uint_eq(difference.count, 2);
    ck_assert_uint_ge(difference.min_ns, least);
    ck_assert_uint_le(difference.max_ns, greatest);
    histogram_sum_free(&before);
    histogram_sum_free(&difference);
}
END_TEST

SUITE("histogram_sum", an_empty_one_is_all_zero, zero_is_a_value, it_has_room_for_its_range_only,
      beyond_the_last_bucket_the_greatest_value_is_known, quantiles_are_within_one_percent_of_the_sorted_values,
      what_is_at_most_an_edge_is_counted, adding_is_recording_into_one, reading_two_histograms_is_recording_into_one,
      a_difference_is_what_came_since, a_new_least_or_greatest_value_is_exact_in_a_difference,
      a_difference_does_not_leave_the_range_of_the_whole)
