/* The document for the time since a mark. */
#include <string.h>

#include "base/clock.h"
#include "stats/document.h"
#include "stats/made_up.h"
#include "suite.h"

static json_t *made_since(const struct snapshot *earlier)
{
    json_t *document = stats_document_since(&made_up.source, "then", earlier);
    ck_assert_ptr_nonnull(document);
    return document;
}

START_TEST(since_a_mark_it_is_what_came_since)
{
    made_up_open();
    made_up.source.read_gils = made_up_read_gils;
    struct loop_stats *stats = &made_up.loops[1]->stats;
    struct series *series = made_up_series(1, 0, NUMBER);
    counter_add(&stats->responses[2], 70);
    counter_add(&series->requests_total, 70);
    histogram_record(&series->phases[PHASE_TOTAL], NS_PER_S);
    struct snapshot *earlier = snapshot_take(&made_up.source);
    uint64_t then_ns = clock_ns();
    counter_add(&stats->responses[2], 5);
    counter_add(&series->requests_total, 6);
    histogram_record(&series->phases[PHASE_TOTAL], NS_PER_MS);
    made_up_gils[0].samples += 4;
    made_up_gils[0].held += 1;
    made_up_gils[0].wait_ns += NS_PER_S;
    json_t *document = made_since(earlier);
    ck_assert_str_eq(json_string_value(value_at(document, "tandem.since")), "then");
    expect_real(document, "tandem.window_seconds", 0, (double)(clock_ns() - then_ns) / 1e9 + 0.1);
    expect_integer(document, "http.responses.2xx", 5);
    expect_integer(document, "models.first.requests_total", 6);
    expect_integer(document, "models.first.phases.total.count", 1);
    expect_real(document, "models.first.workloads.number.phases.total.max", 0.00099, 0.00101);
    expect_real(document, "gil.0.held_ratio", 0.25, 0.25);
    expect_real(document, "gil.0.wait_seconds_total", 1, 1);
    ck_assert(json_is_null(value_at(document, "gil.2.held_ratio"))); /* no sample since then */
    json_decref(document);
    snapshot_release(earlier);
    made_up_close();
}
END_TEST

START_TEST(states_are_those_of_now)
{
    made_up_open();
    counter_add(&made_up.loops[0]->stats.connections_total, 9);
    counter_add(&made_up.loops[0]->stats.requests_total, 8);
    counter_add(&made_up_series(0, 0, PLAIN)->taken_total, 7);
    atomic_store(&made_up.models.list[0].queue_length, 6);
    struct snapshot *earlier = snapshot_take(&made_up.source);
    json_t *document = made_since(earlier);
    expect_integer(document, "http.connections_total", 0);
    expect_integer(document, "http.connections_active", 9);
    expect_integer(document, "http.requests_in_flight", 8);
    expect_integer(document, "models.first.in_flight", 7);
    expect_integer(document, "models.first.queue_length", 6);
    expect_integer(document, "models.first.threads", 3);
    ck_assert_int_gt(json_integer_value(value_at(document, "process.resident_memory_bytes")), 1 << 16);
    json_decref(document);
    snapshot_release(earlier);
    made_up_close();
}
END_TEST

SUITE("document_since", since_a_mark_it_is_what_came_since, states_are_those_of_now)
