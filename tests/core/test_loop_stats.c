#include "core/loop_stats.h"

#include <pthread.h>
#include <string.h>

#include "suite.h"

static struct loop_stats stats;

START_TEST(a_series_is_made_at_its_first_use_and_is_the_same_from_then_on)
{
    ck_assert_ptr_null(loop_stats_find(&stats, 1, 2));
    struct series *series = loop_stats_series(&stats, 1, 2);
    ck_assert_ptr_nonnull(series);
    ck_assert_uint_eq(counter_read(&series->requests_total), 0);
    ck_assert_ptr_eq(loop_stats_series(&stats, 1, 2), series);
    ck_assert_ptr_eq(loop_stats_find(&stats, 1, 2), series);
    ck_assert_ptr_null(loop_stats_find(&stats, 2, 1));
    loop_stats_free(&stats);
    ck_assert_ptr_null(loop_stats_find(&stats, 1, 2));
}
END_TEST

START_TEST(there_is_one_for_every_model_and_workload)
{
    for (unsigned model = 0; model < MODELS_MAX; model++)
        for (unsigned workload = 0; workload < WORKLOADS_MAX; workload++)
            counter_add(&loop_stats_series(&stats, model, workload)->errors_total, 100 * model + workload);
    for (unsigned model = 0; model < MODELS_MAX; model++)
        for (unsigned workload = 0; workload < WORKLOADS_MAX; workload++)
            ck_assert_uint_eq(counter_read(&loop_stats_find(&stats, model, workload)->errors_total),
                              100 * model + workload);
    loop_stats_free(&stats);
    for (unsigned model = 0; model < MODELS_MAX; model++)
        for (unsigned workload = 0; workload < WORKLOADS_MAX; workload++)
            ck_assert_ptr_null(loop_stats_find(&stats, model, workload));
}
END_TEST

START_TEST(what_is_open_is_never_less_than_nothing)
{
    ck_assert_uint_eq(counter_open(7, 5), 2);
    ck_assert_uint_eq(counter_open(5, 5), 0);
    ck_assert_uint_eq(counter_open(5, 7), 0); /* the two counters are read one after the other while both grow */
}
END_TEST

static void *count(void *grows)
{
    for (unsigned i = 0; i < 100000; i++)
        counter_add(grows, 3);
    return NULL;
}

START_TEST(a_counter_is_read_while_it_grows)
{
    pthread_t thread;
    static counter grows;
    uint64_t seen = 0;
    ck_assert_int_eq(pthread_create(&thread, NULL, count, &grows), 0);
    while (seen < 300000) {
        uint64_t now = counter_read(&grows);
        ck_assert_uint_ge(now, seen);
        ck_assert_uint_eq(now % 3, 0);
        seen = now;
    }
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(counter_read(&grows), 300000);
}
END_TEST

static void *find_all(void *made)
{
    for (unsigned workload = 0; workload < WORKLOADS_MAX; workload++) {
        const struct series *series = NULL;
        while (!series)
            series = loop_stats_find(made, 0, workload);
        ck_assert_uint_le(counter_read(&series->requests_total), 1);
        ck_assert_uint_eq(counter_read(&series->errors_total), 0); /* the series was zeroed before it could be found */
    }
    return NULL;
}

START_TEST(a_series_is_found_while_others_are_made)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, find_all, &stats), 0);
    for (unsigned workload = 0; workload < WORKLOADS_MAX; workload++)
        counter_add(&loop_stats_series(&stats, 0, workload)->requests_total, 1);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    loop_stats_free(&stats);
}
END_TEST

START_TEST(every_phase_has_a_name)
{
    static const char *const names[] = {"queue", "gil", "handler", "return", "write", "total"};
    ck_assert_uint_eq(PHASE_COUNT, 6);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        ck_assert_str_eq(phase_names[phase], names[phase]);
}
END_TEST

SUITE("loop_stats", a_series_is_made_at_its_first_use_and_is_the_same_from_then_on,
      there_is_one_for_every_model_and_workload, what_is_open_is_never_less_than_nothing,
      a_counter_is_read_while_it_grows, a_series_is_found_while_others_are_made, every_phase_has_a_name)
