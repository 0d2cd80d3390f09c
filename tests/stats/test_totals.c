#include "stats/totals.h"

#include <string.h>

#include "base/clock.h"
#include "stats/made_up.h"
#include "suite.h"

static struct totals totals, earlier;

START_TEST(they_are_over_the_loops_and_the_workloads)
{
    made_up_open();
    for (unsigned l = 0; l < MADE_UP_LOOPS; l++)
        for (unsigned workload = PLAIN; workload <= CHOICE; workload++) {
            struct series *series = made_up_series(l, 1, workload);
            counter_add(&series->requests_total, 1 + l);
            counter_add(&series->taken_total, 10);
            counter_add(&series->returned_total, 7);
            for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
                histogram_record(&series->phases[phase], 1000 * (phase + 1));
        }
    atomic_store(&made_up.models.list[1].queue_length, 5);
    atomic_store(&made_up.loops[1]->stats.waiting[1], 2);
    totals_read(&totals, &made_up.source);
    ck_assert_uint_eq(totals.model_count, 2);
    ck_assert_uint_eq(totals.models[1].requests, 3 * (1 + 2));
    ck_assert_uint_eq(totals.models[1].in_flight, 2 * 3 * 3);
    ck_assert_uint_eq(totals.models[1].waiting, 5 + 2);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        ck_assert_uint_eq(totals.models[1].phase_ns[phase], 6000 * (phase + 1));
    ck_assert_uint_eq(totals.models[0].requests, 0);
    made_up_close();
}
END_TEST

START_TEST(time_is_that_of_the_process_and_of_the_loops)
{
    made_up_open();
    made_up.source.started_ns = clock_ns() - 5 * NS_PER_S;
    counter_add(&made_up.loops[0]->stats.started_ns, clock_ns() - 4 * NS_PER_S);
    counter_add(&made_up.loops[0]->stats.idle_ns, 1 * NS_PER_S);
    totals_read(&totals, &made_up.source);
    ck_assert_uint_ge(totals.window_ns, 5 * NS_PER_S);
    ck_assert_uint_lt(totals.window_ns, 65 * NS_PER_S);
    ck_assert_uint_gt(totals.cpu_ns, 0);
    ck_assert_uint_eq(totals.loop_count, 2);
    ck_assert_uint_ge(totals.loops[0].lived_ns, 4 * NS_PER_S);
    ck_assert_uint_eq(totals.loops[0].idle_ns, 1 * NS_PER_S);
    ck_assert_uint_eq(totals.loops[1].lived_ns, 0); /* the loop has not run */
    double utilization = loop_sum_utilization(&totals.loops[0]);
    ck_assert(utilization >= 0.75 && utilization < 1);
    ck_assert(loop_sum_utilization(&totals.loops[1]) == 0);
    made_up_close();
}
END_TEST

START_TEST(cores_are_those_that_may_be_used)
{
    cpu_set_t all;
    made_up_open();
    totals_read(&totals, &made_up.source);
    unsigned cores = totals.cores;
    stay_on_one_core(&all);
    ck_assert_uint_eq(cores, (unsigned)CPU_COUNT(&all));
    totals_read(&totals, &made_up.source);
    ck_assert_uint_eq(totals.cores, 1);
    ck_assert_int_eq(sched_setaffinity(0, sizeof all, &all), 0);
    made_up_close();
}
END_TEST

START_TEST(an_earlier_reading_is_taken_away)
{
    earlier = (struct totals){.window_ns = 7000,
                              .cpu_ns = 500,
                              .cpu_wait_ns = 90,
                              .samples = 3,
                              .cores = 4,
                              .loop_count = 1,
                              .model_count = 1};
    earlier.loops[0] = (struct loop_sum){.lived_ns = 6000, .idle_ns = 1000};
    earlier.models[0] = (struct model_sum){.requests = 9,
                                           .phase_ns = {10, 20, 30, 40, 50, 60},
                                           .seen_in_flight = 4,
                                           .seen_waiting = 1,
                                           .in_flight = 70,
                                           .waiting = 60};
    totals = earlier;
    totals.window_ns += 100;
    totals.cpu_ns += 80;
    totals.cpu_wait_ns -= 5; /* a thread has ended */
    totals.samples += 2;
    totals.cores = 3;
    totals.loops[0].lived_ns += 100;
    totals.loops[0].idle_ns += 25;
    totals.models[0] = (struct model_sum){.requests = 10,
                                          .phase_ns = {11, 22, 33, 44, 55, 66},
                                          .seen_in_flight = 10,
                                          .seen_waiting = 3,
                                          .in_flight = 5,
                                          .waiting = 2};
    totals_subtract(&totals, &earlier);
    ck_assert_uint_eq(totals.window_ns, 100);
    ck_assert_uint_eq(totals.cpu_ns, 80);
    ck_assert_uint_eq(totals.cpu_wait_ns, 0);
    ck_assert_uint_eq(totals.samples, 2);
    ck_assert_uint_eq(totals.cores, 3);
    ck_assert(loop_sum_utilization(&totals.loops[0]) == 0.75);
    ck_assert_uint_eq(totals.models[0].requests, 1);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        ck_assert_uint_eq(totals.models[0].phase_ns[phase], phase + 1);
    ck_assert_uint_eq(totals.models[0].seen_in_flight, 6);
    ck_assert_uint_eq(totals.models[0].seen_waiting, 2);
    ck_assert_uint_eq(totals.models[0].in_flight, 5);
    ck_assert_uint_eq(totals.models[0].waiting, 2);
}
END_TEST

/* The GILs are in another order, and one is new. */
START_TEST(gils_are_told_apart_by_their_interpreter)
{
    earlier = (struct totals){.gil_count = 2};
    earlier.gils[0] =
        (struct gil_stats){.interpreter = 0, .wait_ns = 5, .waits = 4, .switches = 3, .samples = 2, .held = 1};
    earlier.gils[1] = (struct gil_stats){.interpreter = 7, .samples = 100};
    totals = (struct totals){.gil_count = 3};
    totals.gils[0] = (struct gil_stats){.interpreter = 8, .samples = 1000};
    totals.gils[1] = (struct gil_stats){.interpreter = 7, .samples = 101};
    totals.gils[2] =
        (struct gil_stats){.interpreter = 0, .wait_ns = 15, .waits = 24, .switches = 33, .samples = 42, .held = 51};
    totals_subtract(&totals, &earlier);
    ck_assert_uint_eq(totals.gils[0].samples, 1000);
    ck_assert_uint_eq(totals.gils[1].samples, 1);
    ck_assert_uint_eq(totals.gils[2].wait_ns, 10);
    ck_assert_uint_eq(totals.gils[2].waits, 20);
    ck_assert_uint_eq(totals.gils[2].switches, 30);
    ck_assert_uint_eq(totals.gils[2].samples, 40);
    ck_assert_uint_eq(totals.gils[2].held, 50);
}
END_TEST

SUITE("totals", they_are_over_the_loops_and_the_workloads, time_is_that_of_the_process_and_of_the_loops,
      cores_are_those_that_may_be_used, an_earlier_reading_is_taken_away, gils_are_told_apart_by_their_interpreter)
