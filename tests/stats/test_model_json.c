#include "stats/model_json.h"

#include "stats/made_up.h"
#include "suite.h"

/* Returns NULL if memory ran out: jansson's, not the snapshot's. */
static json_t *try(unsigned model)
{
    struct snapshot *snapshot = snapshot_take(&made_up.source);
    ck_assert_ptr_nonnull(snapshot);
    json_t *object = model_json(snapshot, &snapshot->totals, &made_up.models.list[model]);
    snapshot_release(snapshot);
    return object;
}

static json_t *made(unsigned model)
{
    json_t *object = try(model);
    ck_assert_ptr_nonnull(object);
    return object;
}

START_TEST(its_keys_are_those_that_users_are_told_of)
{
    made_up_open();
    made_up_series(0, 0, PLAIN);
    json_t *object = made(0);
    expect_keys(object,
                "threads in_flight queue_length queue_limit requests_total errors_total bound_by phases workloads");
    expect_keys(value_at(object, "bound_by"), BOTTLENECK_KEYS);
    expect_keys(value_at(object, "workloads"), "plain");
    expect_keys(value_at(object, "workloads.plain"), "requests_total errors_total phases");
    const char *const places[] = {"phases", "workloads.plain.phases"};
    for (unsigned i = 0; i < 2; i++) {
        json_t *phases = value_at(object, places[i]), *phase;
        const char *key;
        expect_keys(phases, PHASES_KEYS);
        json_object_foreach(phases, key, phase) expect_keys(phase, HISTOGRAM_KEYS);
    }
    json_decref(object);
    made_up_close();
}
END_TEST

START_TEST(a_model_that_nobody_asked_is_all_zeros)
{
    made_up_open();
    json_t *object = made(1);
    expect_keys(value_at(object, "workloads"), EMPTY_KEYS);
    expect_integer(object, "threads", 0);
    expect_integer(object, "in_flight", 0);
    expect_integer(object, "queue_length", 0);
    expect_integer(object, "requests_total", 0);
    expect_integer(object, "errors_total", 0);
    expect_integer(object, "phases.total.count", 0);
    json_decref(object);
    made_up_close();
}
END_TEST

START_TEST(what_the_model_has_now_is_read_from_it)
{
    made_up_open();
    atomic_store(&made_up.models.list[0].queue_length, 12);
    json_t *object = made(0);
    expect_integer(object, "threads", 3);
    expect_integer(object, "queue_length", 12);
    expect_integer(object, "queue_limit", 77);
    json_decref(object);
    made_up_close();
}
END_TEST

static void count(unsigned loop, unsigned workload, uint64_t requests, uint64_t errors, uint64_t taken,
                  uint64_t returned)
{
    struct series *series = made_up_series(loop, 0, workload);
    counter_add(&series->requests_total, requests);
    counter_add(&series->errors_total, errors);
    counter_add(&series->taken_total, taken);
    counter_add(&series->returned_total, returned);
}

START_TEST(it_sums_over_the_loops_and_the_workloads)
{
    made_up_open();
    count(0, PLAIN, 1000, 1, 1100, 1050);
    count(1, PLAIN, 200, 20, 207, 200);
    count(1, CHOICE, 30, 3, 30, 30);
    json_t *object = made(0);
    expect_integer(object, "requests_total", 1230);
    expect_integer(object, "errors_total", 24);
    expect_integer(object, "in_flight", 57);
    expect_keys(value_at(object, "workloads"), "plain choice");
    expect_integer(object, "workloads.plain.requests_total", 1200);
    expect_integer(object, "workloads.plain.errors_total", 21);
    expect_integer(object, "workloads.choice.requests_total", 30);
    expect_integer(object, "workloads.choice.errors_total", 3);
    json_decref(object);
    made_up_close();
}
END_TEST

START_TEST(a_model_does_not_see_another_ones_requests)
{
    made_up_open();
    count(0, PLAIN, 5, 5, 5, 0);
    histogram_record(&made_up_series(0, 0, PLAIN)->phases[PHASE_TOTAL], 5);
    counter_add(&made_up_series(1, 1, NUMBER)->requests_total, 8);
    json_t *object = made(1);
    expect_integer(object, "requests_total", 8);
    expect_integer(object, "errors_total", 0);
    expect_integer(object, "in_flight", 0);
    expect_integer(object, "phases.total.count", 0);
    expect_keys(value_at(object, "workloads"), "number");
    json_decref(object);
    made_up_close();
}
END_TEST

/* The counters are read while they grow, so a return may be seen before its taking. Then none is in flight, rather
 * than very many. */
START_TEST(what_came_back_before_it_was_seen_to_go_is_not_in_flight)
{
    made_up_open();
    count(0, PLAIN, 0, 0, 4, 6);
    count(1, PLAIN, 0, 0, 9, 6);
    json_t *object = made(0);
    expect_integer(object, "in_flight", 3);
    json_decref(object);
    made_up_close();
}
END_TEST

/* Phase p of loop l, workload w has l + w + 1 values of p + 1 seconds, so no two sums are alike. */
START_TEST(each_phase_has_its_own_histogram)
{
    static const char *const names[] = {"queue", "gil", "handler", "return", "write", "total"};
    static const struct {
        unsigned loop, workload;
    } series[] = {{0, PLAIN}, {1, PLAIN}, {1, CHOICE}};
    made_up_open();
    for (unsigned s = 0; s < 3; s++)
        for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
            for (unsigned i = 0; i < series[s].loop + series[s].workload + 1; i++)
                histogram_record(&made_up_series(series[s].loop, 0, series[s].workload)->phases[phase],
                                 (phase + 1) * 1000000000ULL);
    json_t *object = made(0);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++) {
        double seconds = phase + 1;
        json_t *all = value_at(value_at(object, "phases"), names[phase]);
        json_t *plain = value_at(value_at(object, "workloads.plain.phases"), names[phase]);
        json_t *choice = value_at(value_at(object, "workloads.choice.phases"), names[phase]);
        expect_integer(plain, "count", 1 + 2);
        expect_integer(choice, "count", 4);
        expect_integer(all, "count", 1 + 2 + 4);
        expect_real(all, "sum", 7 * seconds, 7 * seconds);
        expect_real(all, "min", seconds, seconds);
        expect_real(choice, "max", seconds, seconds);
    }
    json_decref(object);
    made_up_close();
}
END_TEST

enum { RECORDED = 20000 };
static atomic_bool recorded;

/* Makes the series when it is first needed and then adds to it, as a loop does. */
static void record(void *unused)
{
    (void)unused;
    struct series *series = made_up_series(1, 0, NUMBER);
    for (unsigned i = 0; i < RECORDED; i++) {
        counter_add(&series->taken_total, 1);
        counter_add(&series->requests_total, 1);
        histogram_record(&series->phases[PHASE_TOTAL], i);
        counter_add(&series->returned_total, 1);
    }
    recorded = true;
}

START_TEST(any_thread_reads_while_a_loop_records)
{
    uv_thread_t thread;
    json_int_t before = 0;
    made_up_open();
    ck_assert_int_eq(uv_thread_create(&thread, record, NULL), 0);
    while (!recorded) {
        json_t *object = made(0);
        json_int_t now = json_integer_value(value_at(object, "requests_total"));
        ck_assert_int_ge(now, before);
        ck_assert_int_le(now, RECORDED);
        before = now;
        json_decref(object);
    }
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    json_t *object = made(0);
    expect_integer(object, "requests_total", RECORDED);
    expect_integer(object, "in_flight", 0);
    expect_integer(object, "workloads.number.phases.total.count", RECORDED);
    json_decref(object);
    made_up_close();
}
END_TEST

static json_t *make(void)
{
    return try(0);
}

START_TEST(it_is_null_where_memory_runs_out)
{
    made_up_open();
    made_up_series(0, 0, PLAIN);
    expect_null_or_all_where_memory_runs_out(make);
    made_up_close();
}
END_TEST

SUITE("model_json", its_keys_are_those_that_users_are_told_of, a_model_that_nobody_asked_is_all_zeros,
      what_the_model_has_now_is_read_from_it, it_sums_over_the_loops_and_the_workloads,
      a_model_does_not_see_another_ones_requests, what_came_back_before_it_was_seen_to_go_is_not_in_flight,
      each_phase_has_its_own_histogram, any_thread_reads_while_a_loop_records, it_is_null_where_memory_runs_out)
