#include "stats/exposition.h"

#include <string.h>

#include "base/clock.h"
#include "suite.h"

static struct exposition out;

/* Expects this text in out, and empties out. */
static void expect(const char *expected)
{
    ck_assert(!out.failed);
    ck_assert(buf_append(&out.text, "", 1) == ERR_OK);
    ck_assert_str_eq(out.text.bytes, expected);
    buf_free(&out.text);
}

START_TEST(a_family_has_its_help_and_its_type)
{
    exposition_family(&out, "x_total", "counter", "What there was.");
    exposition_integer(&out, "", 0);
    exposition_integer(&out, "a=\"b\"", UINT64_MAX);
    expect(
        "# HELP x_total What there was.\n# TYPE x_total counter\nx_total 0\nx_total{a=\"b\"} 18446744073709551615\n");
}
END_TEST

START_TEST(seconds_are_exact)
{
    exposition_family(&out, "x", "gauge", "X.");
    buf_free(&out.text);
    exposition_seconds(&out, "", 0);
    exposition_seconds(&out, "", 1);
    exposition_seconds(&out, "a=\"b\"", 1234567890123456789);
    exposition_real(&out, "", 1700000000.25);
    expect("x 0.000000000\nx 0.000000001\nx{a=\"b\"} 1234567890.123456789\nx 1700000000.25\n");
}
END_TEST

START_TEST(a_histogram_has_cumulative_buckets)
{
    static const uint64_t values[] = {NS_PER_US,     60 * NS_PER_US, 60 * NS_PER_US,
                                      3 * NS_PER_MS, 45 * NS_PER_S,  90 * NS_PER_S};
    static struct histogram histogram;
    struct histogram_sum sum = {0};
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++)
        histogram_record(&histogram, values[i]);
    ck_assert_int_eq(histogram_sum_read(&sum, &histogram), ERR_OK);
    exposition_family(&out, "h", "histogram", "H.");
    buf_free(&out.text);
    exposition_histogram(&out, "a=\"b\"", &sum);
    expect("h_bucket{a=\"b\",le=\"5e-05\"} 1\n"
           "h_bucket{a=\"b\",le=\"0.0001\"} 3\n"
           "h_bucket{a=\"b\",le=\"0.00025\"} 3\n"
           "h_bucket{a=\"b\",le=\"0.0005\"} 3\n"
           "h_bucket{a=\"b\",le=\"0.001\"} 3\n"
           "h_bucket{a=\"b\",le=\"0.0025\"} 3\n"
           "h_bucket{a=\"b\",le=\"0.005\"} 4\n"
           "h_bucket{a=\"b\",le=\"0.01\"} 4\n"
           "h_bucket{a=\"b\",le=\"0.025\"} 4\n"
           "h_bucket{a=\"b\",le=\"0.05\"} 4\n"
           "h_bucket{a=\"b\",le=\"0.1\"} 4\n"
           "h_bucket{a=\"b\",le=\"0.25\"} 4\n"
           "h_bucket{a=\"b\",le=\"0.5\"} 4\n"
           "h_bucket{a=\"b\",le=\"1.0\"} 4\n"
           "h_bucket{a=\"b\",le=\"2.5\"} 4\n"
           "h_bucket{a=\"b\",le=\"5.0\"} 4\n"
           "h_bucket{a=\"b\",le=\"10.0\"} 4\n"
           "h_bucket{a=\"b\",le=\"30.0\"} 4\n"
           "h_bucket{a=\"b\",le=\"60.0\"} 5\n"
           "h_bucket{a=\"b\",le=\"+Inf\"} 6\n"
           "h_sum{a=\"b\"} 135.003121000\n"
           "h_count{a=\"b\"} 6\n");
    histogram_sum_free(&sum);
    exposition_histogram(&out, "", &sum);
    ck_assert_mem_eq(out.text.bytes, "h_bucket{le=\"5e-05\"} 0\n", 23);
    buf_free(&out.text);
}
END_TEST

SUITE("exposition", a_family_has_its_help_and_its_type, seconds_are_exact, a_histogram_has_cumulative_buckets)
