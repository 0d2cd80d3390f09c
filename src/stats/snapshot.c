#include "stats/snapshot.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "stats/sliding_window.h"

static void read_http(struct http_sum *out, const struct stats_source *source)
{
    uint64_t closed = 0, done = 0;
    for (unsigned l = 0; l < source->loop_count; l++) {
        const struct loop_stats *stats = &source->loops[l]->stats;
        closed += counter_read(&stats->connections_closed);
        out->connections_total += counter_read(&stats->connections_total);
        done += counter_read(&stats->requests_done);
        out->requests_total += counter_read(&stats->requests_total);
        for (unsigned i = 1; i < 6; i++)
            out->responses[i] += counter_read(&stats->responses[i]);
        for (unsigned i = 0; i < REFUSAL_COUNT; i++)
            out->rejected[i] += counter_read(&stats->rejected[i]);
    }
    out->connections_active = counter_open(out->connections_total, closed);
    out->requests_in_flight = counter_open(out->requests_total, done);
}

/* Adds one loop's share of the series. */
static enum err add_series(struct series_sum *sum, const struct series *series)
{
    sum->requests += counter_read(&series->requests_total);
    sum->errors += counter_read(&series->errors_total);
    uint64_t returned = counter_read(&series->returned_total);
    sum->in_flight += counter_open(counter_read(&series->taken_total), returned);
    enum err err = ERR_OK;
    for (unsigned phase = 0; phase < PHASE_COUNT && !err; phase++)
        err = histogram_sum_read(&sum->phases[phase], &series->phases[phase]);
    return err;
}

/* Appends the series of a workload in a model, if any loop has it. The list has room. */
static enum err read_series(struct snapshot *snapshot, const struct stats_source *source, unsigned model,
                            unsigned workload)
{
    struct series_sum *sum = NULL;
    enum err err = ERR_OK;
    for (unsigned l = 0; l < source->loop_count && !err; l++) {
        const struct series *series = loop_stats_find(&source->loops[l]->stats, model, workload);
        if (!series)
            continue;
        if (!sum) {
            sum = &snapshot->series[snapshot->series_count++];
            *sum = (struct series_sum){.model = model, .workload = workload};
        }
        err = add_series(sum, series);
    }
    return err;
}

static enum err read_all_series(struct snapshot *snapshot, const struct stats_source *source)
{
    unsigned models = source->routes->models->count, workloads = source->routes->workloads->count;
    snapshot->series = calloc((size_t)models * workloads + 1, sizeof *snapshot->series);
    if (!snapshot->series)
        return ERR_NOMEM;
    enum err err = ERR_OK;
    for (unsigned m = 0; m < models && !err; m++)
        for (unsigned w = 0; w < workloads && !err; w++)
            err = read_series(snapshot, source, source->routes->models->list[m].index, w);
    return err;
}

struct snapshot *snapshot_take(const struct stats_source *source)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return NULL;
    atomic_init(&snapshot->holders, 1);
    snapshot->at = clock_unix_seconds();
    totals_read(&snapshot->totals, source);
    if (source->sliding_window)
        sliding_window_seen(source->sliding_window, &snapshot->totals);
    process_read(&snapshot->process);
    read_http(&snapshot->http, source);
    enum err err = read_all_series(snapshot, source);
    for (unsigned l = 0; l < source->loop_count && !err; l++)
        err = histogram_sum_read(&snapshot->delays[l], &source->loops[l]->stats.delay);
    const struct models *models = source->routes->models;
    for (unsigned m = 0; m < models->count && !err; m++)
        err = histogram_sum_read(&snapshot->own_delays[m], &models->list[m].own_loop.delay);
    if (err) {
        snapshot_release(snapshot);
        return NULL;
    }
    return snapshot;
}

static void subtract_http(struct http_sum *sum, const struct http_sum *earlier)
{
    sum->connections_total -= earlier->connections_total;
    sum->requests_total -= earlier->requests_total;
    for (unsigned i = 1; i < 6; i++)
        sum->responses[i] -= earlier->responses[i];
    for (unsigned i = 0; i < REFUSAL_COUNT; i++)
        sum->rejected[i] -= earlier->rejected[i];
}

static void subtract_series(struct series_sum *sum, const struct series_sum *earlier)
{
    sum->requests -= earlier->requests;
    sum->errors -= earlier->errors;
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        histogram_sum_subtract(&sum->phases[phase], &earlier->phases[phase]);
}

/* Both have their series in the same order, and no series ever ends. */
void snapshot_subtract(struct snapshot *snapshot, const struct snapshot *earlier)
{
    totals_subtract(&snapshot->totals, &earlier->totals);
    process_subtract(&snapshot->process, &earlier->process);
    subtract_http(&snapshot->http, &earlier->http);
    for (unsigned l = 0; l < snapshot->totals.loop_count; l++)
        histogram_sum_subtract(&snapshot->delays[l], &earlier->delays[l]);
    for (unsigned m = 0; m < snapshot->totals.model_count; m++)
        histogram_sum_subtract(&snapshot->own_delays[m], &earlier->own_delays[m]);
    unsigned e = 0;
    for (unsigned s = 0; s < snapshot->series_count && e < earlier->series_count; s++) {
        struct series_sum *sum = &snapshot->series[s];
        if (sum->model == earlier->series[e].model && sum->workload == earlier->series[e].workload)
            subtract_series(sum, &earlier->series[e++]);
    }
    CHECK(e == earlier->series_count);
}

struct snapshot *snapshot_hold(struct snapshot *snapshot)
{
    atomic_fetch_add(&snapshot->holders, 1);
    return snapshot;
}

void snapshot_release(struct snapshot *snapshot)
{
    if (!snapshot || atomic_fetch_sub(&snapshot->holders, 1) > 1)
        return;
    for (unsigned s = 0; s < snapshot->series_count; s++)
        for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
            histogram_sum_free(&snapshot->series[s].phases[phase]);
    for (unsigned l = 0; l < LOOPS_MAX; l++)
        histogram_sum_free(&snapshot->delays[l]);
    for (unsigned m = 0; m < MODELS_MAX; m++)
        histogram_sum_free(&snapshot->own_delays[m]);
    free(snapshot->series);
    free(snapshot);
}
