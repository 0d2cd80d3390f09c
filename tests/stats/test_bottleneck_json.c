#include "stats/bottleneck_json.h"

#include <string.h>

#include "base/clock.h"
#include "stats/made_up.h"
#include "suite.h"

static const struct model_ops threads_ops = {.needs_python = true};
static struct model model = {.ops = &threads_ops, .threads = 4};
static struct totals window;

static void open_window(void)
{
    window = (struct totals){.window_ns = 10 * NS_PER_S, .cores = 2, .loop_count = 1, .model_count = 1};
    window.loops[0] = (struct loop_sum){.lived_ns = 10 * NS_PER_S, .idle_ns = 9 * NS_PER_S};
    window.models[0].requests = 100;
    window.models[0].phase_ns[PHASE_TOTAL] = 20 * NS_PER_S;
}

static json_t *make(void)
{
    return bottleneck_json(&window, &model);
}

static void expect(const char *verdict, const char *because)
{
    json_t *object = make();
    ck_assert_str_eq(json_string_value(value_at(object, "verdict")), verdict);
    ck_assert_str_eq(json_string_value(value_at(object, "because")), because);
    json_decref(object);
}

START_TEST(its_keys_are_those_that_users_are_told_of)
{
    open_window();
    json_t *object = make();
    expect_keys(object, BOTTLENECK_KEYS);
    expect_keys(value_at(object, "figures"),
                "window_seconds requests_per_second in_flight waiting in_flight_now cores cpu_ratio cpu_wait_ratio "
                "loop_ratio gil_held_ratio pool_ratio off_cpu_ratio phase_ratios");
    expect_keys(value_at(object, "figures.phase_ratios"), "queue gil handler return write");
    expect_real(object, "figures.requests_per_second", 10, 10);
    expect_integer(object, "figures.cores", 2);
    ck_assert(json_is_null(value_at(object, "figures.gil_held_ratio")));
    json_decref(object);
}
END_TEST

START_TEST(each_verdict_has_a_sentence_with_its_figures)
{
    open_window();
    expect("client",
           "nothing is used up (the CPU to 0 %, the busiest loop to 10 %), and on average 2.00 requests were in "
           "flight: the clients ask for no more");
    window.models[0].phase_ns[PHASE_HANDLER] = 16 * NS_PER_S;
    window.cpu_ns = 4 * NS_PER_S;
    expect("sleep",
           "80 % of the requests' time was spent in handlers, and at least 75 % of that on no CPU: they wait for "
           "something outside");
    window.models[0].phase_ns[PHASE_HANDLER] = 36 * NS_PER_S;
    window.models[0].phase_ns[PHASE_QUEUE] = 15 * NS_PER_S;
    expect("pool", "the 4 threads were busy 90 % of the time, and on average 1.5 requests waited for one");
    window.loops[0].idle_ns = NS_PER_S / 2;
    expect("loop", "a loop was busy 95 % of the time, while 20 % of the time of 2 cores was used");
    window.models[0].phase_ns[PHASE_GIL] = 10 * NS_PER_S;
    expect("gil", "50 % of the requests' time was spent waiting for the GIL");
    window.gil_count = 1;
    window.gils[0] = (struct gil_stats){.holder_known = true, .samples = 100, .held = 98};
    expect("gil", "the GIL was found held 98 % of the time, and 50 % of the requests' time was spent waiting for it");
    window.cores = 1;
    window.cpu_ns = 8 * NS_PER_S;
    window.cpu_wait_ns = 12 * NS_PER_S;
    expect("cpu", "of the time of 1 core, the process used 80 %, and its threads were ready to run for another 120 %");
    window.models[0] = (struct model_sum){0};
    expect("client", "nothing was asked for in 10.0 s");
}
END_TEST

START_TEST(it_is_null_where_memory_runs_out)
{
    open_window();
    expect_null_or_all_where_memory_runs_out(make);
}
END_TEST

SUITE("bottleneck_json", its_keys_are_those_that_users_are_told_of, each_verdict_has_a_sentence_with_its_figures,
      it_is_null_where_memory_runs_out)
