#include "stats/snapshot.h"

#include "base/clock.h"
#include "stats/made_up.h"
#include "suite.h"

static struct snapshot *take(void)
{
    struct snapshot *snapshot = snapshot_take(&made_up.source);
    ck_assert_ptr_nonnull(snapshot);
    return snapshot;
}

START_TEST(only_series_that_exist_are_in_it_by_model_and_workload)
{
    made_up_open();
    struct snapshot *snapshot = take();
    ck_assert_uint_eq(snapshot->series_count, 0);
    snapshot_release(snapshot);
    made_up_series(1, 1, PLAIN);
    made_up_series(0, 0, CHOICE);
    made_up_series(1, 0, CHOICE);
    made_up_series(0, 0, PLAIN);
    snapshot = take();
    static const unsigned expected[][2] = {{0, PLAIN}, {0, CHOICE}, {1, PLAIN}};
    ck_assert_uint_eq(snapshot->series_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(snapshot->series[i].model, expected[i][0]);
        ck_assert_uint_eq(snapshot->series[i].workload, expected[i][1]);
        ck_assert_ptr_null(snapshot->series[i].phases[PHASE_TOTAL].counts);
    }
    snapshot_release(snapshot);
    made_up_close();
}
END_TEST

START_TEST(it_does_not_change_any_more)
{
    made_up_open();
    struct series *series = made_up_series(0, 0, PLAIN);
    counter_add(&series->requests_total, 2);
    histogram_record(&series->phases[PHASE_TOTAL], 5000);
    histogram_record(&made_up.loops[1]->stats.delay, 700);
    struct snapshot *snapshot = take();
    counter_add(&series->requests_total, 2);
    histogram_record(&series->phases[PHASE_TOTAL], 5000);
    histogram_record(&made_up.loops[1]->stats.delay, 700);
    ck_assert_uint_eq(snapshot->series[0].requests, 2);
    ck_assert_uint_eq(snapshot->series[0].phases[PHASE_TOTAL].count, 1);
    ck_assert_uint_eq(snapshot->delays[0].count, 0);
    ck_assert_uint_eq(snapshot->delays[1].count, 1);
    snapshot_release(snapshot);
    made_up_close();
}
END_TEST

/* Some series are new since the earlier snapshot, before and after the others. */
START_TEST(an_earlier_one_is_taken_away_series_by_series)
{
    made_up_open();
    counter_add(&made_up_series(0, 0, NUMBER)->requests_total, 100);
    counter_add(&made_up_series(0, 1, PLAIN)->errors_total, 40);
    struct snapshot *earlier = take();
    counter_add(&made_up_series(0, 0, PLAIN)->requests_total, 1);
    counter_add(&made_up_series(1, 0, NUMBER)->requests_total, 2);
    counter_add(&made_up_series(0, 1, PLAIN)->errors_total, 3);
    counter_add(&made_up_series(0, 1, CHOICE)->requests_total, 4);
    histogram_record(&made_up_series(0, 1, CHOICE)->phases[PHASE_WRITE], 50);
    struct snapshot *now = take();
    snapshot_subtract(now, earlier);
    ck_assert_uint_eq(now->series_count, 4);
    ck_assert_uint_eq(now->series[0].requests, 1);
    ck_assert_uint_eq(now->series[1].requests, 2);
    ck_assert_uint_eq(now->series[2].errors, 3);
    ck_assert_uint_eq(now->series[3].requests, 4);
    ck_assert_uint_eq(now->series[3].phases[PHASE_WRITE].count, 1);
    snapshot_release(now);
    snapshot_release(earlier);
    made_up_close();
}
END_TEST

START_TEST(what_grows_is_a_difference_what_is_a_state_stays)
{
    struct loop_stats *stats;
    made_up_open();
    stats = &made_up.loops[0]->stats;
    counter_add(&stats->connections_total, 10);
    counter_add(&stats->connections_closed, 4);
    counter_add(&stats->requests_total, 20);
    counter_add(&stats->requests_done, 19);
    counter_add(&stats->responses[2], 30);
    counter_add(&stats->rejected[REFUSED_MALFORMED], 40);
    histogram_record(&stats->delay, 50);
    struct snapshot *earlier = take();
    counter_add(&stats->connections_closed, 1);
    counter_add(&stats->responses[2], 2);
    counter_add(&stats->rejected[REFUSED_MALFORMED], 3);
    histogram_record(&stats->delay, 60);
    struct snapshot *now = take();
    snapshot_subtract(now, earlier);
    ck_assert_uint_eq(now->http.connections_total, 0);
    ck_assert_uint_eq(now->http.connections_active, 5);
    ck_assert_uint_eq(now->http.requests_total, 0);
    ck_assert_uint_eq(now->http.requests_in_flight, 1);
    ck_assert_uint_eq(now->http.responses[2], 2);
    ck_assert_uint_eq(now->http.rejected[REFUSED_MALFORMED], 3);
    ck_assert_uint_eq(now->delays[0].count, 1);
    ck_assert_uint_eq(now->delays[0].max_ns, 60);
    ck_assert_uint_gt(now->process.resident_bytes, 0);
    ck_assert_uint_lt(now->process.user_ns, 60 * NS_PER_S);
    snapshot_release(now);
    snapshot_release(earlier);
    made_up_close();
}
END_TEST

START_TEST(the_last_of_its_holders_frees_it)
{
    made_up_open();
    histogram_record(&made_up_series(0, 0, PLAIN)->phases[PHASE_TOTAL], 5000);
    struct snapshot *snapshot = take();
    ck_assert_ptr_eq(snapshot_hold(snapshot), snapshot);
    snapshot_release(snapshot);
    ck_assert_uint_eq(snapshot->series[0].phases[PHASE_TOTAL].count, 1);
    snapshot_release(snapshot);
    snapshot_release(NULL);
    made_up_close();
}
END_TEST

SUITE("snapshot", only_series_that_exist_are_in_it_by_model_and_workload, it_does_not_change_any_more,
      an_earlier_one_is_taken_away_series_by_series, what_grows_is_a_difference_what_is_a_state_stays,
      the_last_of_its_holders_frees_it)
