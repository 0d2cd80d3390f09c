#include "stats/totals.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "stats/run_queue.h"

/* Counts by the main thread's affinity: that covers taskset and cpusets, but not a cgroup's quota. */
static unsigned usable_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(getpid(), sizeof set, &set) != 0)
        return (unsigned)sysconf(_SC_NPROCESSORS_ONLN); /* there are more cores than a cpu_set_t has room for */
    return (unsigned)CPU_COUNT(&set);
}

static uint64_t cpu_ns(void)
{
    struct timespec used;
    CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0);
    return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

static void read_loop(struct loop_sum *out, const struct loop_stats *stats, uint64_t now_ns)
{
    uint64_t started_ns = counter_read(&stats->started_ns);
    out->idle_ns = counter_read(&stats->idle_ns);
    uint64_t closed = counter_read(&stats->connections_closed);
    out->connections_active = counter_open(counter_read(&stats->connections_total), closed);
    out->lived_ns = started_ns ? clock_between(started_ns, now_ns) : 0;
}

/* Adds one loop's share of a series of the model. */
static void add_series(struct model_sum *sum, const struct series *series)
{
    sum->requests += counter_read(&series->requests_total);
    uint64_t returned = counter_read(&series->returned_total);
    sum->in_flight += counter_open(counter_read(&series->taken_total), returned);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        sum->phase_ns[phase] += counter_read(&series->phases[phase].sum_ns);
}

static void read_own_loop(struct loop_sum *out, const struct model_loop *loop, uint64_t now_ns)
{
    struct timespec used;
    if (!atomic_load(&loop->implementation) || clock_gettime(loop->cpu_clock, &used))
        return; /* there is no such loop, or it has ended */
    uint64_t used_ns = (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
    out->lived_ns = clock_between(loop->started_ns, now_ns);
    out->idle_ns = clock_between(used_ns, out->lived_ns);
}

static void read_model(struct model_sum *out, const struct stats_source *source, const struct model *model)
{
    out->waiting = model_waiting(model);
    read_own_loop(&out->own_loop, &model->own_loop, clock_ns());
    for (unsigned l = 0; l < source->loop_count; l++)
        for (unsigned w = 0; w < source->routes->workloads->count; w++) {
            const struct series *series = loop_stats_find(&source->loops[l]->stats, model->index, w);
            if (series)
                add_series(out, series);
        }
}

void totals_read(struct totals *out, const struct stats_source *source)
{
    const struct models *models = source->routes->models;
    uint64_t now_ns = clock_ns();
    *out = (struct totals){
        .window_ns = clock_between(source->started_ns, now_ns),
        .cpu_ns = cpu_ns(),
        .cpu_wait_ns = run_queue_wait_ns(),
        .cores = usable_cores(),
        .loop_count = source->loop_count,
        .model_count = models->count,
    };
    CHECK(source->loop_count <= LOOPS_MAX);
    for (unsigned l = 0; l < source->loop_count; l++)
        read_loop(&out->loops[l], &source->loops[l]->stats, now_ns);
    if (source->read_gils)
        out->gil_count = source->read_gils(out->gils, INTERPRETERS_MAX);
    for (unsigned m = 0; m < models->count; m++)
        read_model(&out->models[m], source, &models->list[m]);
}

static void subtract_gil(struct gil_stats *gil, const struct gil_stats *earlier)
{
    gil->wait_ns -= earlier->wait_ns;
    gil->waits -= earlier->waits;
    gil->switches -= earlier->switches;
    gil->samples -= earlier->samples;
    gil->held -= earlier->held;
}

/* Interpreters are in no fixed order, and some may be new. */
static void subtract_gils(struct totals *totals, const struct totals *earlier)
{
    for (unsigned i = 0; i < totals->gil_count; i++)
        for (unsigned e = 0; e < earlier->gil_count; e++)
            if (earlier->gils[e].interpreter == totals->gils[i].interpreter) {
                subtract_gil(&totals->gils[i], &earlier->gils[e]);
                break;
            }
}

static void subtract_loop(struct loop_sum *loop, const struct loop_sum *earlier)
{
    loop->lived_ns = clock_between(earlier->lived_ns, loop->lived_ns);
    loop->idle_ns = clock_between(earlier->idle_ns, loop->idle_ns);
}

static void subtract_model(struct model_sum *sum, const struct model_sum *earlier)
{
    subtract_loop(&sum->own_loop, &earlier->own_loop);
    sum->requests -= earlier->requests;
    sum->seen_in_flight -= earlier->seen_in_flight;
    sum->seen_waiting -= earlier->seen_waiting;
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        sum->phase_ns[phase] -= earlier->phase_ns[phase];
}

void totals_subtract(struct totals *totals, const struct totals *earlier)
{
    totals->window_ns = clock_between(earlier->window_ns, totals->window_ns);
    totals->cpu_ns = clock_between(earlier->cpu_ns, totals->cpu_ns);
    totals->cpu_wait_ns =
        clock_between(earlier->cpu_wait_ns, totals->cpu_wait_ns); /* smaller than before if a thread has ended */
    totals->samples -= earlier->samples;
    for (unsigned l = 0; l < totals->loop_count; l++)
        subtract_loop(&totals->loops[l], &earlier->loops[l]);
    subtract_gils(totals, earlier);
    for (unsigned m = 0; m < totals->model_count; m++)
        subtract_model(&totals->models[m], &earlier->models[m]);
}

double loop_sum_utilization(const struct loop_sum *loop)
{
    return loop->lived_ns > loop->idle_ns ? 1 - share_of(loop->idle_ns, loop->lived_ns) : 0;
}
