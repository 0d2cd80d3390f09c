#include "stats/document.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "stats/made_up.h"
#include "suite.h"
#include "version.h"

static json_t *made(void)
{
    json_t *document = stats_document(&made_up.source);
    ck_assert_ptr_nonnull(document);
    return document;
}

START_TEST(its_keys_are_those_that_users_are_told_of)
{
    made_up_open();
    json_t *document = made();
    expect_keys(document, "tandem process http loops gil models");
    expect_keys(value_at(document, "tandem"),
                "version mode admin pid python gc_threshold libuv libmicrohttpd started_at uptime_seconds "
                "startup_seconds python_startup_seconds since window_seconds");
    expect_keys(value_at(document, "http"), "connections_active connections_total requests_total requests_in_flight "
                                            "responses rejected");
    expect_keys(value_at(document, "http.responses"), "2xx 3xx 4xx 5xx");
    expect_keys(value_at(document, "http.rejected"),
                "malformed header_timeout body_timeout body_too_large header_too_large queue_full handler_timeout "
                "handler_error unsupported write_timeout");
    expect_keys(value_at(document, "loops.1"), "id connections_active utilization delay");
    expect_keys(value_at(document, "loops.1.delay"), HISTOGRAM_KEYS);
    expect_keys(value_at(document, "models"), "first second");
    expect_keys(value_at(document, "models.second.phases"), PHASES_KEYS);
    ck_assert(json_is_integer(value_at(document, "process.threads")));
    json_decref(document);
    made_up_close();
}
END_TEST

static void expect_string(json_t *document, const char *path, const char *expected)
{
    ck_assert_pstr_eq(json_string_value(value_at(document, path)), expected);
}

START_TEST(tandem_says_what_runs_here)
{
    made_up_open();
    made_up.source.started_ns = clock_ns() - 3 * NS_PER_S;
    json_t *document = made();
    double uptime = (double)(clock_ns() - made_up.source.started_ns) / 1e9;
    expect_string(document, "tandem.version", TANDEM_VERSION);
    expect_string(document, "tandem.mode", "compare:first,second");
    expect_integer(document, "tandem.pid", getpid());
    expect_string(document, "tandem.libuv", uv_version_string());
    expect_string(document, "tandem.libmicrohttpd", "1.2.3");
    expect_real(document, "tandem.started_at", 1700000000.25, 1700000000.25);
    expect_real(document, "tandem.startup_seconds", 0.0015, 0.0015);
    expect_real(document, "tandem.uptime_seconds", 3, uptime);
    ck_assert(json_is_null(value_at(document, "tandem.python")));
    ck_assert(json_is_null(value_at(document, "tandem.gc_threshold")));
    ck_assert(json_is_null(value_at(document, "tandem.python_startup_seconds")));
    ck_assert(json_is_null(value_at(document, "tandem.since")));
    expect_real(document, "tandem.window_seconds", 3, uptime);
    json_decref(document);
    made_up.source.python_version = "3.99.1";
    made_up.source.gc_threshold = (const uint64_t[]){2147483647, 0, 12};
    made_up.source.python_startup_ns = 2500000;
    document = made();
    expect_string(document, "tandem.python", "3.99.1");
    expect_integer(document, "tandem.gc_threshold.0", 2147483647);
    expect_integer(document, "tandem.gc_threshold.1", 0);
    expect_integer(document, "tandem.gc_threshold.2", 12);
    expect_real(document, "tandem.python_startup_seconds", 0.0025, 0.0025);
    json_decref(document);
    made_up_close();
}
END_TEST

START_TEST(http_is_the_sum_over_the_loops)
{
    made_up_open();
    for (unsigned l = 0; l < MADE_UP_LOOPS; l++) {
        struct loop_stats *stats = &made_up.loops[l]->stats;
        counter_add(&stats->connections_total, 100 + l);
        counter_add(&stats->connections_closed, 60);
        counter_add(&stats->requests_total, 1000 + l);
        counter_add(&stats->requests_done, 990);
        for (unsigned class = 1; class < 6; class ++)
            counter_add(&stats->responses[class], 10 * class + l);
        for (unsigned i = 0; i < REFUSAL_COUNT; i++)
            counter_add(&stats->rejected[i], 3 * i + l);
    }
    json_t *document = made();
    expect_integer(document, "http.connections_total", 201);
    expect_integer(document, "http.connections_active", 81);
    expect_integer(document, "http.requests_total", 2001);
    expect_integer(document, "http.requests_in_flight", 21);
    expect_integer(document, "http.responses.2xx", 41);
    expect_integer(document, "http.responses.3xx", 61);
    expect_integer(document, "http.responses.4xx", 81);
    expect_integer(document, "http.responses.5xx", 101);
    static const struct {
        enum refusal refusal;
        const char *name;
    } names[] = {{REFUSED_MALFORMED, "malformed"},
                 {REFUSED_HEADER_TIMEOUT, "header_timeout"},
                 {REFUSED_BODY_TIMEOUT, "body_timeout"},
                 {REFUSED_BODY_TOO_LARGE, "body_too_large"},
                 {REFUSED_HEADER_TOO_LARGE, "header_too_large"},
                 {REFUSED_QUEUE_FULL, "queue_full"},
                 {REFUSED_HANDLER_TIMEOUT, "handler_timeout"},
                 {REFUSED_HANDLER_ERROR, "handler_error"},
                 {REFUSED_UNSUPPORTED, "unsupported"},
                 {REFUSED_WRITE_TIMEOUT, "write_timeout"}};
    for (unsigned i = 0; i < REFUSAL_COUNT; i++)
        expect_integer(value_at(document, "http.rejected"), names[i].name, 6 * names[i].refusal + 1);
    json_decref(document);
    made_up_close();
}
END_TEST

START_TEST(what_was_closed_before_it_was_seen_to_open_is_not_open)
{
    made_up_open();
    counter_add(&made_up.loops[0]->stats.connections_closed, 2);
    counter_add(&made_up.loops[1]->stats.requests_done, 2);
    json_t *document = made();
    expect_integer(document, "http.connections_active", 0);
    expect_integer(document, "http.requests_in_flight", 0);
    json_decref(document);
    made_up_close();
}
END_TEST

START_TEST(each_loop_says_how_busy_and_how_late_it_is)
{
    made_up_open();
    uint64_t begun_ns = clock_ns() - 10 * NS_PER_S;
    for (unsigned l = 0; l < MADE_UP_LOOPS; l++)
        counter_add(&made_up.loops[l]->stats.started_ns, begun_ns);
    counter_add(&made_up.loops[0]->stats.idle_ns, 7 * NS_PER_S);
    counter_add(&made_up.loops[1]->stats.idle_ns, 1000 * NS_PER_S); /* ahead of the clock */
    histogram_record(&made_up.loops[1]->stats.delay, 250 * NS_PER_MS);
    double before = (double)(clock_ns() - begun_ns) / 1e9;
    json_t *document = made();
    double after = (double)(clock_ns() - begun_ns) / 1e9;
    ck_assert_uint_eq(json_array_size(value_at(document, "loops")), 2);
    expect_integer(document, "loops.0.id", 0);
    expect_integer(document, "loops.1.id", 1);
    expect_real(document, "loops.0.utilization", 1 - 7 / before, 1 - 7 / after);
    expect_real(document, "loops.1.utilization", 0, 0);
    expect_integer(document, "loops.0.delay.count", 0);
    expect_integer(document, "loops.1.delay.count", 1);
    expect_real(document, "loops.1.delay.max", 0.25, 0.25);
    json_decref(document);
    made_up_close();
}
END_TEST

START_TEST(each_gil_says_what_is_known_of_it)
{
    made_up_open();
    made_up.source.read_gils = made_up_read_gils;
    json_t *document = made();
    ck_assert_uint_eq(json_array_size(value_at(document, "gil")), 3);
    for (unsigned i = 0; i < 3; i++) {
        json_t *gil = json_array_get(value_at(document, "gil"), i);
        expect_keys(gil, "interpreter wait_seconds_total waits_total switches_total held_ratio");
        expect_integer(gil, "interpreter", i);
    }
    expect_real(document, "gil.0.wait_seconds_total", 1.5, 1.5);
    expect_integer(document, "gil.0.waits_total", 7);
    expect_integer(document, "gil.0.switches_total", 9);
    expect_real(document, "gil.0.held_ratio", 0.625, 0.625);
    expect_real(document, "gil.1.wait_seconds_total", 0.5, 0.5);
    ck_assert(json_is_null(value_at(document, "gil.1.switches_total")));
    ck_assert(json_is_null(value_at(document, "gil.1.held_ratio")));
    ck_assert(json_is_null(value_at(document, "gil.2.wait_seconds_total")));
    ck_assert(json_is_null(value_at(document, "gil.2.waits_total")));
    expect_integer(document, "gil.2.switches_total", 6);
    json_decref(document);
    made_up_close();
}
END_TEST

START_TEST(without_python_there_is_no_gil)
{
    made_up_open();
    json_t *document = made();
    ck_assert(json_is_array(value_at(document, "gil")));
    ck_assert_uint_eq(json_array_size(value_at(document, "gil")), 0);
    json_decref(document);
    made_up_close();
}
END_TEST

static unsigned read_as_many_as_fit(struct gil_stats *out, unsigned max)
{
    for (unsigned i = 0; i < max; i++)
        out[i] = (struct gil_stats){.interpreter = i};
    return max;
}

/* The main interpreter and 64 more: as many as --threads may ask for. */
START_TEST(there_is_room_for_all_the_gils_there_can_be)
{
    made_up_open();
    made_up.source.read_gils = read_as_many_as_fit;
    json_t *document = made();
    ck_assert_uint_ge(json_array_size(value_at(document, "gil")), 65);
    expect_integer(document, "gil.64.interpreter", 64);
    json_decref(document);
    made_up_close();
}
END_TEST

START_TEST(it_is_one_line_of_text)
{
    made_up_open();
    char *text = stats_document_text(made());
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_null(strchr(text, '\n'));
    json_t *parsed = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(parsed);
    expect_real(parsed, "tandem.started_at", 1700000000.2495, 1700000000.2505);
    json_decref(parsed);
    free(text);
    ck_assert_ptr_null(stats_document_text(NULL));
    made_up_close();
}
END_TEST

static json_t *make(void)
{
    return stats_document(&made_up.source);
}

START_TEST(it_is_null_where_memory_runs_out)
{
    made_up_open();
    made_up.source.read_gils = made_up_read_gils;
    made_up.source.gc_threshold = (const uint64_t[]){700, 10, 10};
    made_up_series(0, 0, PLAIN);
    expect_null_or_all_where_memory_runs_out(make);
    made_up_close();
}
END_TEST

SUITE("document", its_keys_are_those_that_users_are_told_of, tandem_says_what_runs_here, http_is_the_sum_over_the_loops,
      what_was_closed_before_it_was_seen_to_open_is_not_open, each_loop_says_how_busy_and_how_late_it_is,
      each_gil_says_what_is_known_of_it, without_python_there_is_no_gil, there_is_room_for_all_the_gils_there_can_be,
      it_is_one_line_of_text, it_is_null_where_memory_runs_out)
