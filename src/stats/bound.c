#include "stats/bound.h"

#include <math.h>

#include "base/clock.h"

const char *const bound_names[BOUND_COUNT] = {
    [BOUND_CPU] = "cpu",   [BOUND_GIL] = "gil",     [BOUND_LOOP] = "loop",
    [BOUND_POOL] = "pool", [BOUND_SLEEP] = "sleep", [BOUND_CLIENT] = "client",
};

/* docs/stats.md explains them. */
const struct bound_limits bound_limits = {
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

/* Fewer looks within a window are too few for an average. */
enum { LOOKS_MIN = 3 };

static double quotient(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double ratio(double part, double whole)
{
    return fmin(quotient(part, whole), 1);
}

/* Of the fronts', or the model's own. */
static double busiest_loop(const struct sums *window, const struct model_sum *sum)
{
    double busiest = loop_sum_utilization(&sum->own_loop);
    for (unsigned l = 0; l < window->loop_count; l++)
        busiest = fmax(busiest, loop_sum_utilization(&window->loops[l]));
    return busiest;
}

static double all_loops_busy_seconds(const struct sums *window)
{
    double busy = 0;
    for (unsigned l = 0; l < window->loop_count; l++)
        busy += clock_seconds(clock_between(window->loops[l].idle_ns, window->loops[l].lived_ns));
    return busy;
}

/* A GIL of one's own is waited for by nobody. */
static double shared_gil_held(const struct sums *window, const struct model_ops *ops)
{
    if (!ops->needs_python || ops->own_gils)
        return NAN;
    for (unsigned i = 0; i < window->gil_count; i++) {
        const struct gil_stats *gil = &window->gils[i];
        if (gil->interpreter == 0 && gil->holder_known && gil->looks > 0)
            return ratio((double)gil->held, (double)gil->looks);
    }
    return NAN;
}

struct seen {
    double in_flight, waiting;
};

/* Phases are recorded when a request is completed. What outlasts the window is only seen: on average, or now where
 * nobody looked within it. Few looks at many short requests say less than the phases do: nothing, then. */
static struct seen seen_in(const struct sums *window, const struct model_sum *sum)
{
    double looks = (double)window->looks;
    struct seen seen = {(double)sum->in_flight, (double)sum->waiting};
    if (window->looks)
        seen = (struct seen){(double)sum->seen_in_flight / looks, (double)sum->seen_waiting / looks};
    if (window->looks < LOOKS_MIN && (double)sum->requests >= seen.in_flight)
        return (struct seen){0};
    return seen;
}

/* Where the requests' time went, in seconds: of those completed, or of those seen where that is more. */
struct spent {
    double phases[PHASE_COUNT];
    double in_threads; /* in handlers, and waiting for the GIL */
};

static struct spent spent_in(const struct sums *window, const struct model_sum *sum)
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

struct bound_figures bound_figures(const struct sums *window, const struct model *model)
{
    const struct model_sum *sum = &window->models[model->index];
    const struct model_ops *ops = model->ops;
    double seconds = clock_seconds(window->window_ns), cores_seconds = seconds * window->cores;
    struct spent spent = spent_in(window, sum);
    double on_cpu = clock_seconds(window->cpu_ns + window->cpu_wait_ns);
    if (ops->on_loop)
        on_cpu = fmin(on_cpu, all_loops_busy_seconds(window));
    struct bound_figures figures = {
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

/* Where others use the cores, what is waited for counts as if it were used: but for little work that waits long. */
static bool is_cpu_wanted(const struct bound_figures *figures)
{
    return figures->cpu >= bound_limits.cpu_used && figures->cpu + figures->cpu_wait >= bound_limits.cpu;
}

/* Threads that wait for the GIL wake every few milliseconds, and wait for a core then; that is no want of cores where
 * one could be had for the thread that holds it. So what is waited for counts late where there are several. */
static bool is_cpu(const struct bound_figures *figures)
{
    return figures->cpu >= bound_limits.cpu || (figures->cores < 2 && is_cpu_wanted(figures));
}

/* A loop that runs Python holds the GIL while it is busy: what it then lacks is its own time. One thread at a time is
 * all that an evented model has, too. */
static bool is_gil(const struct bound_figures *figures, const struct model_ops *ops)
{
    if (!ops->needs_python || ops->own_gils)
        return false;
    return (!ops->on_loop && !ops->evented && figures->gil_held >= bound_limits.gil_held) ||
           figures->phases[PHASE_GIL] >= bound_limits.gil_wait;
}

/* Of the requests' time, what they were in the queue of a model whose handlers run on the loop. */
static double queued_for_loop(const struct bound_figures *figures, const struct model_ops *ops)
{
    return ops->on_loop ? figures->phases[PHASE_QUEUE] : 0;
}

static bool is_loop(const struct bound_figures *figures, const struct model_ops *ops)
{
    if (figures->loop >= bound_limits.loop)
        return true;
    double waited = queued_for_loop(figures, ops) + figures->phases[PHASE_RETURN] + figures->phases[PHASE_WRITE];
    return figures->loop >= bound_limits.loop_waited && figures->in_flight >= 1 && waited >= bound_limits.waiting_loop;
}

static bool is_pool(const struct bound_figures *figures)
{
    return figures->pool >= bound_limits.pool && figures->waiting >= bound_limits.waiting;
}

static bool is_sleep(const struct bound_figures *figures, const struct model_ops *ops)
{
    double on_its_way = 1 - queued_for_loop(figures, ops);
    return figures->in_flight >= bound_limits.in_flight &&
           figures->phases[PHASE_HANDLER] >= bound_limits.handler * on_its_way &&
           figures->off_cpu >= bound_limits.off_cpu;
}

bool bound_idle(const struct bound_figures *figures)
{
    return figures->requests_per_second <= 0 && figures->in_flight <= 0 && figures->in_flight_now <= 0;
}

enum bound bound_verdict(const struct bound_figures *figures, const struct model_ops *ops)
{
    if (bound_idle(figures))
        return BOUND_CLIENT;
    if (is_cpu(figures))
        return BOUND_CPU;
    if (is_gil(figures, ops))
        return BOUND_GIL;
    if (is_cpu_wanted(figures))
        return BOUND_CPU;
    if (is_loop(figures, ops))
        return BOUND_LOOP;
    if (is_pool(figures))
        return BOUND_POOL;
    return is_sleep(figures, ops) ? BOUND_SLEEP : BOUND_CLIENT;
}
