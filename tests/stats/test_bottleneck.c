#include "stats/bottleneck.h"

#include <math.h>

#include "suite.h"

static const struct model_ops uv_loop = {.on_loop = true, .evented = true};
static const struct model_ops uv_pool = {0};
static const struct model_ops py_inline = {.needs_python = true, .on_loop = true};
static const struct model_ops py_threads = {.needs_python = true};
static const struct model_ops py_evented = {.needs_python = true, .evented = true};
static const struct model_ops py_own_gils = {.needs_python = true, .own_gils = true};

/* Nothing is used up, and there are requests: each test makes one thing scarce. */
static const struct bottleneck_figures easy = {
    .window_seconds = 10,
    .requests_per_second = 100,
    .in_flight = 4,
    .in_flight_now = 3,
    .cores = 2,
    .cpu = 0.2,
    .loop = 0.3,
    .gil_held = 0.1,
    .pool = 0.5,
    .phases = {[PHASE_QUEUE] = 0.1, [PHASE_HANDLER] = 0.4, [PHASE_RETURN] = 0.1, [PHASE_WRITE] = 0.3},
};

static void expect(struct bottleneck_figures figures, const struct model_ops *ops, enum bottleneck expected)
{
    enum bottleneck got = bottleneck_verdict(&figures, ops);
    ck_assert_msg(got == expected, "%s, not %s", bottleneck_names[got], bottleneck_names[expected]);
}

static const struct model_ops *const all[] = {&uv_loop, &uv_pool, &py_inline, &py_threads, &py_evented, &py_own_gils};
enum { ALL = sizeof all / sizeof all[0] };

START_TEST(where_nothing_is_used_up_it_is_the_client)
{
    for (unsigned i = 0; i < ALL; i++)
        expect(easy, all[i], BOTTLENECK_CLIENT);
}
END_TEST

START_TEST(where_nothing_is_asked_for_it_is_the_client_however_busy_the_rest_is)
{
    struct bottleneck_figures f = {.window_seconds = 10, .cores = 1, .cpu = 1, .loop = 1, .gil_held = 1};
    for (unsigned i = 0; i < ALL; i++)
        expect(f, all[i], BOTTLENECK_CLIENT);
    f.in_flight_now = 1; /* in flight, but none completed */
    expect(f, &uv_loop, BOTTLENECK_CPU);
}
END_TEST

START_TEST(the_cpu_is_used_up_whoever_uses_it)
{
    struct bottleneck_figures f = easy;
    f.cpu = 0.9;
    f.gil_held = f.loop = f.pool = 1;
    f.waiting = 9;
    for (unsigned i = 0; i < ALL; i++)
        expect(f, all[i], BOTTLENECK_CPU);
    f = easy;
    f.cpu = 0.5; /* other processes use the rest */
    f.cpu_wait = 0.4;
    expect(f, &uv_pool, BOTTLENECK_CPU);
    f.cpu_wait = 0.3;
    expect(f, &uv_pool, BOTTLENECK_CLIENT);
    f.cpu_wait = 3;
    f.cpu = 0.25;
    expect(f, &uv_pool, BOTTLENECK_CPU);
    f.cpu = 0.24; /* little work, but long waits */
    expect(f, &uv_pool, BOTTLENECK_CLIENT);
}
END_TEST

START_TEST(a_held_gil_binds_those_who_share_it_on_other_threads_than_loops)
{
    struct bottleneck_figures f = easy;
    f.gil_held = 0.85;
    expect(f, &py_threads, BOTTLENECK_GIL);
    expect(f, &py_evented, BOTTLENECK_CLIENT); /* its own loop would limit it, not the GIL */
    expect(f, &py_inline, BOTTLENECK_CLIENT);
    expect(f, &py_own_gils, BOTTLENECK_CLIENT);
    expect(f, &uv_pool, BOTTLENECK_CLIENT);
    f.gil_held = 0.84;
    expect(f, &py_threads, BOTTLENECK_CLIENT);
    f.gil_held = NAN;
    expect(f, &py_threads, BOTTLENECK_CLIENT);
}
END_TEST

/* A thread that waits for the GIL wakes now and then, and then waits for a core. */
START_TEST(a_held_gil_binds_though_threads_wait_for_cores_where_there_are_several)
{
    struct bottleneck_figures f = easy;
    f.gil_held = 0.95;
    f.cpu = 0.5;
    f.cpu_wait = 0.8;
    expect(f, &py_threads, BOTTLENECK_GIL);
    expect(f, &uv_pool, BOTTLENECK_CPU);
    expect(f, &py_own_gils, BOTTLENECK_CPU);
    f.cores = 1;
    expect(f, &py_threads, BOTTLENECK_CPU);
}
END_TEST

START_TEST(waits_for_the_gil_bind_whoever_waits)
{
    struct bottleneck_figures f = easy;
    f.gil_held = NAN;
    f.phases[PHASE_GIL] = 0.4;
    f.loop = 1; /* a loop that waits for the GIL looks busy */
    expect(f, &py_threads, BOTTLENECK_GIL);
    expect(f, &py_inline, BOTTLENECK_GIL);
    f.phases[PHASE_GIL] = 0.39;
    expect(f, &py_inline, BOTTLENECK_LOOP);
    f.phases[PHASE_GIL] = NAN;
    expect(f, &uv_loop, BOTTLENECK_LOOP);
}
END_TEST

START_TEST(a_busy_loop_binds_every_model)
{
    struct bottleneck_figures f = easy;
    f.loop = 0.9;
    f.pool = 1;
    f.waiting = 9;
    for (unsigned i = 0; i < ALL; i++)
        expect(f, all[i], BOTTLENECK_LOOP);
}
END_TEST

START_TEST(a_loop_that_requests_wait_for_need_not_be_that_busy)
{
    struct bottleneck_figures f = easy;
    f.loop = 0.7;
    f.phases[PHASE_RETURN] = f.phases[PHASE_WRITE] = 0.25;
    expect(f, &py_threads, BOTTLENECK_LOOP);
    f.in_flight = 0.9; /* with fewer than one in flight, none waits for others */
    expect(f, &py_threads, BOTTLENECK_CLIENT);
    f.in_flight = 4;
    f.phases[PHASE_WRITE] = 0.2;
    expect(f, &py_threads, BOTTLENECK_CLIENT);
    f.phases[PHASE_WRITE] = 0.6;
    f.loop = 0.6;
    expect(f, &py_threads, BOTTLENECK_CLIENT);
    f = easy;
    f.loop = 0.7;
    f.phases[PHASE_QUEUE] = 0.5; /* a wait for the loop if it runs the handlers, otherwise for a thread */
    expect(f, &py_inline, BOTTLENECK_LOOP);
    expect(f, &py_threads, BOTTLENECK_CLIENT);
}
END_TEST

START_TEST(busy_threads_bind_where_requests_wait_for_them)
{
    struct bottleneck_figures f = easy;
    f.pool = 0.9;
    f.waiting = 0.5;
    f.off_cpu = 1;
    f.phases[PHASE_HANDLER] = 0.9;
    expect(f, &uv_pool, BOTTLENECK_POOL);
    expect(f, &py_threads, BOTTLENECK_POOL);
    expect(f, &py_own_gils, BOTTLENECK_POOL);
    f.waiting = 0.4;
    expect(f, &uv_pool, BOTTLENECK_SLEEP);
    f.waiting = 0.5;
    f.pool = 0.8;
    expect(f, &uv_pool, BOTTLENECK_SLEEP);
    f.pool = NAN; /* no threads, or threads that wait for many requests at once */
    expect(f, &uv_loop, BOTTLENECK_SLEEP);
    expect(f, &py_evented, BOTTLENECK_SLEEP);
}
END_TEST

START_TEST(handlers_sleep_where_they_take_the_time_and_no_cpu)
{
    struct bottleneck_figures f = easy;
    f.phases[PHASE_HANDLER] = f.off_cpu = 0.5;
    for (unsigned i = 0; i < ALL; i++)
        expect(f, all[i], BOTTLENECK_SLEEP);
    f.off_cpu = 0.4;
    expect(f, &uv_loop, BOTTLENECK_CLIENT);
    f.off_cpu = 0.5;
    f.phases[PHASE_HANDLER] = 0.4;
    expect(f, &uv_loop, BOTTLENECK_CLIENT);
    f.phases[PHASE_HANDLER] = 0.5;
    f.in_flight = 0.4; /* most of the time there was no request */
    expect(f, &uv_loop, BOTTLENECK_CLIENT);
    f.in_flight = 4;
    f.phases[PHASE_HANDLER] = 0.2;
    f.phases[PHASE_QUEUE] = 0.75; /* after requests that sleep on the loop */
    expect(f, &py_inline, BOTTLENECK_SLEEP);
    expect(f, &py_threads, BOTTLENECK_CLIENT);
}
END_TEST

SUITE("bottleneck", where_nothing_is_used_up_it_is_the_client,
      where_nothing_is_asked_for_it_is_the_client_however_busy_the_rest_is, the_cpu_is_used_up_whoever_uses_it,
      a_held_gil_binds_those_who_share_it_on_other_threads_than_loops,
      a_held_gil_binds_though_threads_wait_for_cores_where_there_are_several, waits_for_the_gil_bind_whoever_waits,
      a_busy_loop_binds_every_model, a_loop_that_requests_wait_for_need_not_be_that_busy,
      busy_threads_bind_where_requests_wait_for_them, handlers_sleep_where_they_take_the_time_and_no_cpu)
