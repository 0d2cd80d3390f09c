/* The figures of a verdict, from totals. */
#include <math.h>

#include "base/clock.h"
#include "stats/bottleneck.h"
#include "suite.h"

static const struct model_ops uv_loop = {.on_loop = true, .evented = true};
static const struct model_ops uv_pool = {0};
static const struct model_ops py_threads = {.needs_python = true};
static const struct model_ops py_evented = {.needs_python = true, .evented = true};
static const struct model_ops py_own_gils = {.needs_python = true, .own_gils = true};

static struct totals window;
static struct model model;

static struct model_sum *open_window(const struct model_ops *ops, unsigned threads)
{
    model = (struct model){.ops = ops, .index = 1, .threads = threads};
    window = (struct totals){.window_ns = 10 * NS_PER_S, .cores = 2, .loop_count = 2, .model_count = 2};
    window.loops[0] = (struct loop_sum){.lived_ns = 10 * NS_PER_S, .idle_ns = 9 * NS_PER_S};
    window.loops[1] = (struct loop_sum){.lived_ns = 10 * NS_PER_S, .idle_ns = 6 * NS_PER_S};
    return &window.models[1];
}

static void near(double got, double expected)
{
    ck_assert_msg(fabs(got - expected) < 1e-9, "%g, not %g", got, expected);
}

START_TEST(figures_are_rates_and_ratios_of_the_window)
{
    struct model_sum *sum = open_window(&py_threads, 4);
    sum->requests = 50;
    sum->in_flight = 7;
    sum->phase_ns[PHASE_QUEUE] = 5 * NS_PER_S;
    sum->phase_ns[PHASE_GIL] = 8 * NS_PER_S;
    sum->phase_ns[PHASE_HANDLER] = 20 * NS_PER_S;
    sum->phase_ns[PHASE_TOTAL] = 40 * NS_PER_S;
    window.cpu_ns = 5 * NS_PER_S;
    window.cpu_wait_ns = 30 * NS_PER_S;
    window.gil_count = 2;
    window.gils[0] = (struct gil_stats){.interpreter = 3, .holder_known = true, .samples = 10, .held = 1};
    window.gils[1] = (struct gil_stats){.holder_known = true, .samples = 10, .held = 6};
    struct bottleneck_figures f = bottleneck_figures(&window, &model);
    near(f.window_seconds, 10);
    near(f.requests_per_second, 5);
    near(f.in_flight, 4);
    near(f.waiting, 0.5);
    near(f.in_flight_now, 7);
    near(f.cores, 2);
    near(f.cpu, 0.25);
    near(f.cpu_wait, 1.5);
    near(f.loop, 0.4);
    near(f.gil_held, 0.6);
    near(f.pool, 0.7);
    near(f.off_cpu, 0); /* the handlers may have used or awaited a CPU for 35 s */
    near(f.phases[PHASE_QUEUE], 0.125);
    near(f.phases[PHASE_GIL], 0.2);
    near(f.phases[PHASE_HANDLER], 0.5);
    near(f.phases[PHASE_WRITE], 0);
}
END_TEST

START_TEST(what_a_model_does_not_have_is_no_number)
{
    open_window(&uv_loop, 0);
    window.gil_count = 1;
    window.gils[0] = (struct gil_stats){.holder_known = true, .samples = 10, .held = 6};
    struct bottleneck_figures f = bottleneck_figures(&window, &model);
    ck_assert(isnan(f.gil_held) && isnan(f.pool) && isnan(f.phases[PHASE_GIL]));
    open_window(&py_evented, 1);
    ck_assert(isnan(bottleneck_figures(&window, &model).pool));
    open_window(&py_own_gils, 2);
    window.gil_count = 1;
    window.gils[0] = (struct gil_stats){.holder_known = true, .samples = 10, .held = 6};
    ck_assert(isnan(bottleneck_figures(&window, &model).gil_held));
    open_window(&py_threads, 2);
    window.gil_count = 1;
    window.gils[0] = (struct gil_stats){.samples = 10, .held = 6};
    ck_assert(isnan(bottleneck_figures(&window, &model).gil_held)); /* the holder is unknown */
}
END_TEST

/* Handlers on a loop cannot have used more CPU time than the loop was busy. */
START_TEST(off_the_cpu_is_what_can_have_been_on_none)
{
    struct model_sum *sum = open_window(&uv_loop, 0);
    sum->phase_ns[PHASE_HANDLER] = 50 * NS_PER_S;
    sum->phase_ns[PHASE_TOTAL] = 60 * NS_PER_S;
    sum->requests = 1000;
    window.cpu_ns = 20 * NS_PER_S;
    near(bottleneck_figures(&window, &model).off_cpu, 0.9); /* the loops were busy for 5 s */
    model.ops = &uv_pool;
    near(bottleneck_figures(&window, &model).off_cpu, 0.6);
}
END_TEST

START_TEST(requests_that_outlast_the_window_are_seen)
{
    struct model_sum *sum = open_window(&uv_pool, 4);
    sum->in_flight = 16;
    sum->waiting = 12;
    for (unsigned samples = 0; samples <= 10; samples += 5) {
        window.samples = samples;
        sum->seen_in_flight = 16 * samples;
        sum->seen_waiting = 12 * samples;
        struct bottleneck_figures f = bottleneck_figures(&window, &model);
        near(f.requests_per_second, 0);
        near(f.in_flight, 16);
        near(f.waiting, 12);
        near(f.pool, 1);
        near(f.off_cpu, 1);
        near(f.phases[PHASE_QUEUE], 0.75);
        near(f.phases[PHASE_HANDLER], 0.25);
        ck_assert_int_eq(bottleneck_verdict(&f, &uv_pool), BOTTLENECK_POOL);
    }
    sum->requests = 3; /* a few end within the window */
    sum->phase_ns[PHASE_TOTAL] = sum->phase_ns[PHASE_HANDLER] = 9 * NS_PER_S;
    near(bottleneck_figures(&window, &model).in_flight, 16);
}
END_TEST

START_TEST(a_single_sample_of_many_short_requests_is_not_believed)
{
    struct model_sum *sum = open_window(&uv_pool, 4);
    sum->requests = 1000;
    sum->phase_ns[PHASE_TOTAL] = 10 * NS_PER_S;
    window.samples = 1;
    sum->seen_in_flight = 64;
    near(bottleneck_figures(&window, &model).in_flight, 1);
}
END_TEST

START_TEST(an_empty_window_has_figures)
{
    open_window(&py_threads, 4);
    window = (struct totals){.cores = 1, .model_count = 2};
    struct bottleneck_figures f = bottleneck_figures(&window, &model);
    near(f.requests_per_second, 0);
    near(f.cpu, 0);
    near(f.pool, 0);
    ck_assert_int_eq(bottleneck_verdict(&f, &py_threads), BOTTLENECK_CLIENT);
}
END_TEST

SUITE("bottleneck_figures", figures_are_rates_and_ratios_of_the_window, what_a_model_does_not_have_is_no_number,
      off_the_cpu_is_what_can_have_been_on_none, requests_that_outlast_the_window_are_seen,
      a_single_sample_of_many_short_requests_is_not_believed, an_empty_window_has_figures)
