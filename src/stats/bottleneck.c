#include "stats/bottleneck.h"

#include <math.h>

#include "base/clock.h"

const char *const bottleneck_names[BOTTLENECK_COUNT] = {
    [BOTTLENECK_CPU] = "cpu",   [BOTTLENECK_GIL] = "gil",     [BOTTLENECK_LOOP] = "loop",
    [BOTTLENECK_POOL] = "pool", [BOTTLENECK_SLEEP] = "sleep", [BOTTLENECK_CLIENT] = "client",
};

/* docs/stats.md explains these thresholds. */
const struct bottleneck_limits bottleneck_limits = {
    .cpu = 0.9,
    .cpu_used = 0.25,
    .gil_held = 0.85,
    .gil_wait = 0.4,
    .loop = 0.9,
    .loop_waited = 0.7,
    .waiting_loop = 0.5,
    .pool = 0.9,
    .waiting = 0.5,
    .handler = 0.5,
    .off_cpu = 0.5,
    .in_flight = 0.5,
};

/* Fewer samples within a window are too few for an average. */
enum { SAMPLES_MIN = 3 };

static double quotient(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double ratio(double part, double whole)
{
    return fmin(quotient(part, whole), 1);
}

/* Among the io_threads' loops and the model's own. */
static double busiest_loop(const struct totals *window, const struct model_sum *sum)
{
    double busiest = loop_sum_utilization(&sum->own_loop);
    for (unsigned l = 0; l < window->loop_count; l++)
        busiest = fmax(busiest, loop_sum_utilization(&window->loops[l]));
    return busiest;
}

static double all_loops_busy_seconds(const struct totals *window)
{
    double busy = 0;
    for (unsigned l = 0; l < window->loop_count; l++)
        busy += clock_seconds(clock_between(window->loops[l].idle_ns, window->loops[l].lived_ns));
    return busy;
}

/* Returns the share of samples that found the GIL held; NAN if the model shares none, or if it is not known. A GIL that
 * one thread has for itself is never waited for. */
static double shared_gil_held(const struct totals *window, const struct model_ops *ops)
{
    if (!ops->needs_python || ops->own_gils)
        return NAN;
    for (unsigned i = 0; i < window->gil_count; i++) {
        const struct gil_stats *gil = &window->gils[i];
        if (gil->interpreter == 0 && gil->holder_known && gil->samples > 0)
            return ratio((double)gil->held, (double)gil->samples);
    }
    return NAN;
}

struct seen {
    double in_flight, waiting;
};

/* Phases are recorded when a request completes. Requests that outlast the window show up only in samples: as their
 * average, or as the current numbers if the window has no sample. Few samples say less than the phases where as many
 * requests completed as were seen; then the result is zero. */
static struct seen seen_in(const struct totals *window, const struct model_sum *sum)
{
    double samples = (double)window->samples;
    struct seen seen = {(double)sum->in_flight, (double)sum->waiting};
    if (window->samples)
        seen = (struct seen){(double)sum->seen_in_flight / samples, (double)sum->seen_waiting / samples};
    if (window->samples < SAMPLES_MIN && (double)sum->requests >= seen.in_flight)
        return (struct seen){0};
    return seen;
}

/* Where the requests' time went, in seconds: that of the completed requests, or of those seen in samples if that is
 * more. */
struct spent {
    double phases[PHASE_COUNT];
    double in_threads; /* in handlers and in waits for the GIL */
};

static struct spent spent_in(const struct totals *window, const struct model_sum *sum)
{
    struct spent spent;
    double seconds = clock_seconds(window->window_ns);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        spent.phases[phase] = clock_seconds(sum->phase_ns[phase]);
    spent.in_threads = spent.phases[PHASE_HANDLER] + spent.phases[PHASE_GIL];
    struct seen seen = seen_in(window, sum);
    double seen_total = seen.in_flight * seconds, seen_running = (seen.in_flight - seen.waiting) * seconds;
    if (seen_total <= spent.phases[PHASE_TOTAL])
        return spent;
    spent.phases[PHASE_TOTAL] = seen_total;
    spent.phases[PHASE_QUEUE] = fmax(spent.phases[PHASE_QUEUE], seen.waiting * seconds);
    spent.phases[PHASE_HANDLER] = fmax(spent.phases[PHASE_HANDLER], seen_running - spent.phases[PHASE_GIL]);
    spent.in_threads = fmax(spent.in_threads, seen_running);
    return spent;
}

struct bottleneck_figures bottleneck_figures(const struct totals *window, const struct model *model)
{
    const struct model_sum *sum = &window->models[model->index];
    const struct model_ops *ops = model->ops;
    double seconds = clock_seconds(window->window_ns), cores_seconds = seconds * window->cores;
    struct spent spent = spent_in(window, sum);
    double on_cpu = clock_seconds(window->cpu_ns + window->cpu_wait_ns);
    if (ops->on_loop)
        on_cpu = fmin(on_cpu, all_loops_busy_seconds(window));
    struct bottleneck_figures figures = {
        .window_seconds = seconds,
        .requests_per_second = quotient((double)sum->requests, seconds),
        .in_flight = quotient(spent.phases[PHASE_TOTAL], seconds),
        .waiting = quotient(spent.phases[PHASE_QUEUE], seconds),
        .in_flight_now = (double)sum->in_flight,
        .cores = window->cores,
        .cpu = ratio(clock_seconds(window->cpu_ns), cores_seconds),
        .cpu_wait = quotient(clock_seconds(window->cpu_wait_ns), cores_seconds),
        .loop = busiest_loop(window, sum),
        .gil_held = shared_gil_held(window, ops),
        .pool = model->threads && !ops->evented ? ratio(spent.in_threads, seconds * model->threads) : NAN,
        .off_cpu = spent.phases[PHASE_HANDLER] > 0 ? 1 - ratio(on_cpu, spent.phases[PHASE_HANDLER]) : 0,
    };
    for (unsigned phase = 0; phase < PHASE_TOTAL; phase++)
        figures.phases[phase] = ratio(spent.phases[phase], spent.phases[PHASE_TOTAL]);
    if (!ops->needs_python)
        figures.phases[PHASE_GIL] = NAN;
    return figures;
}

/* CPU time that threads waited for counts like used time, since other processes may have used the cores meanwhile. Some
 * of it must have been used, though: a little work that waits long needs no more cores. */
static bool is_cpu_wanted(const struct bottleneck_figures *figures)
{
    return figures->cpu >= bottleneck_limits.cpu_used && figures->cpu + figures->cpu_wait >= bottleneck_limits.cpu;
}

/* Threads that wait for the GIL wake every few milliseconds, and then wait for a core. That is no shortage of cores as
 * long as the thread that holds the GIL can get one. With several cores, CPU time that was only waited for therefore
 * counts later, after the GIL (bottleneck_verdict). */
static bool is_cpu(const struct bottleneck_figures *figures)
{
    return figures->cpu >= bottleneck_limits.cpu || (figures->cores < 2 && is_cpu_wanted(figures));
}

/* gil_held does not count for models that run Python on the loop: a busy loop holds the GIL, but what it lacks is its
 * own time. Nor does it count for evented models, which run on one thread anyway. */
static bool is_gil(const struct bottleneck_figures *figures, const struct model_ops *ops)
{
    if (!ops->needs_python || ops->own_gils)
        return false;
    return (!ops->on_loop && !ops->evented && figures->gil_held >= bottleneck_limits.gil_held) ||
           figures->phases[PHASE_GIL] >= bottleneck_limits.gil_wait;
}

/* Returns the share of the requests' time that they spent in the queue of a model whose handlers run on the loop. */
static double queued_for_loop(const struct bottleneck_figures *figures, const struct model_ops *ops)
{
    return ops->on_loop ? figures->phases[PHASE_QUEUE] : 0;
}

static bool is_loop(const struct bottleneck_figures *figures, const struct model_ops *ops)
{
    if (figures->loop >= bottleneck_limits.loop)
        return true;
    double waited = queued_for_loop(figures, ops) + figures->phases[PHASE_RETURN] + figures->phases[PHASE_WRITE];
    return figures->loop >= bottleneck_limits.loop_waited && figures->in_flight >= 1 &&
           waited >= bottleneck_limits.waiting_loop;
}

static bool is_pool(const struct bottleneck_figures *figures)
{
    return figures->pool >= bottleneck_limits.pool && figures->waiting >= bottleneck_limits.waiting;
}

static bool is_sleep(const struct bottleneck_figures *figures, const struct model_ops *ops)
{
    double on_its_way = 1 - queued_for_loop(figures, ops);
    return figures->in_flight >= bottleneck_limits.in_flight &&
           figures->phases[PHASE_HANDLER] >= bottleneck_limits.handler * on_its_way &&
           figures->off_cpu >= bottleneck_limits.off_cpu;
}

bool bottleneck_idle(const struct bottleneck_figures *figures)
{
    return figures->requests_per_second <= 0 && figures->in_flight <= 0 && figures->in_flight_now <= 0;
}

enum bottleneck bottleneck_verdict(const struct bottleneck_figures *figures, const struct model_ops *ops)
{
    if (bottleneck_idle(figures))
        return BOTTLENECK_CLIENT;
    if (is_cpu(figures))
        return BOTTLENECK_CPU;
    if (is_gil(figures, ops))
        return BOTTLENECK_GIL;
    if (is_cpu_wanted(figures))
        return BOTTLENECK_CPU;
    if (is_loop(figures, ops))
        return BOTTLENECK_LOOP;
    if (is_pool(figures))
        return BOTTLENECK_POOL;
    return is_sleep(figures, ops) ? BOTTLENECK_SLEEP : BOTTLENECK_CLIENT;
}
