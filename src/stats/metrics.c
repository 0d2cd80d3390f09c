#include "stats/metrics.h"

#include <stdio.h>
#include <uv.h>

#include "stats/exposition.h"
#include "stats/snapshot.h"
#include "stats/statistics.h"
#include "version.h"

enum { LABELS_MAX = 192 };

static void write_tandem(struct exposition *out, const struct stats_source *source)
{
    char labels[LABELS_MAX];
    snprintf(labels, sizeof labels, "version=\"%s\",python=\"%s\",libuv=\"%s\",libmicrohttpd=\"%s\"", TANDEM_VERSION,
             source->python_version ? source->python_version : "", uv_version_string(), source->libmicrohttpd_version);
    exposition_family(out, "tandem_build_info", "gauge", "Always 1; python is empty where no model needs it.");
    exposition_integer(out, labels, 1);
    exposition_family(out, "tandem_startup_seconds", "gauge", "From the beginning of main to accepting connections.");
    exposition_seconds(out, "", source->startup_ns);
    exposition_family(out, "tandem_process_start_time_seconds", "gauge", "When it started, since the Unix epoch.");
    exposition_real(out, "", source->started_at);
}

/* What the subjects of /metrics are read from. */
struct reading {
    const struct stats_source *source;
    const struct snapshot *snapshot;
    struct model_figures models[MODELS_MAX];
};

static const void *process_subject(const void *owner, unsigned index, char *labels, size_t room)
{
    const struct reading *reading = owner;
    (void)index, (void)room;
    *labels = '\0';
    return &reading->snapshot->process;
}

static const void *http_subject(const void *owner, unsigned index, char *labels, size_t room)
{
    const struct reading *reading = owner;
    (void)index, (void)room;
    *labels = '\0';
    return &reading->snapshot->http;
}

static const void *loop_subject(const void *owner, unsigned index, char *labels, size_t room)
{
    const struct reading *reading = owner;
    (void)snprintf(labels, room, "loop=\"%u\"", reading->source->loops[index]->id);
    return &reading->snapshot->totals.loops[index];
}

static const void *gil_subject(const void *owner, unsigned index, char *labels, size_t room)
{
    const struct reading *reading = owner;
    const struct gil_stats *gil = &reading->snapshot->totals.gils[index];
    (void)snprintf(labels, room, "interpreter=\"%u\"", gil->interpreter);
    return gil;
}

static const void *model_subject(const void *owner, unsigned index, char *labels, size_t room)
{
    const struct reading *reading = owner;
    (void)snprintf(labels, room, "model=\"%s\"", reading->source->routes->models->list[index].ops->name);
    return &reading->models[index];
}

static int label_series(char *labels, size_t room, const struct routes *routes, const struct series_sum *series)
{
    return snprintf(labels, room, "model=\"%s\",workload=\"%s\"", routes->models->list[series->model].ops->name,
                    routes->workloads->list[series->workload]->name);
}

static const void *workload_subject(const void *owner, unsigned index, char *labels, size_t room)
{
    const struct reading *reading = owner;
    (void)label_series(labels, room, reading->source->routes, &reading->snapshot->series[index]);
    return &reading->snapshot->series[index];
}

static void read_models(struct reading *reading)
{
    const struct models *models = reading->source->routes->models;
    for (unsigned m = 0; m < models->count; m++) {
        const struct model_sum *sum = &reading->snapshot->totals.models[m];
        reading->models[m] = (struct model_figures){
            .threads = models->list[m].threads,
            .in_flight = sum->in_flight,
            .queue_length = sum->waiting,
            .queue_limit = models->list[m].config->queue_limit,
        };
    }
}

static void write_delays(struct exposition *out, const struct reading *reading)
{
    char labels[LABELS_MAX];
    exposition_family(out, "tandem_loop_delay_seconds", "histogram", "How late a timer of 10 ms fires.");
    for (unsigned l = 0; l < reading->snapshot->totals.loop_count; l++) {
        loop_subject(reading, l, labels, sizeof labels);
        exposition_histogram(out, labels, &reading->snapshot->delays[l]);
    }
}

static void write_phases(struct exposition *out, const struct routes *routes, const struct snapshot *snapshot)
{
    char labels[LABELS_MAX];
    exposition_family(out, "tandem_request_phase_seconds", "histogram", "How long each phase of a request took.");
    for (unsigned s = 0; s < snapshot->series_count; s++)
        for (unsigned phase = 0; phase < PHASE_COUNT; phase++) {
            const struct series_sum *series = &snapshot->series[s];
            if (phase == PHASE_GIL && !routes->models->list[series->model].ops->needs_python)
                continue;
            int length = label_series(labels, sizeof labels, routes, series);
            snprintf(labels + length, sizeof labels - (size_t)length, ",phase=\"%s\"", phase_names[phase]);
            exposition_histogram(out, labels, &series->phases[phase]);
        }
}

char *metrics_text(const struct stats_source *source, size_t *length)
{
    struct snapshot *snapshot = snapshot_take(source);
    if (!snapshot)
        return NULL;
    struct exposition out = {0};
    write_tandem(&out, source);
    struct reading reading = {.source = source, .snapshot = snapshot};
    read_models(&reading);
    statistics_write(&out, OF_PROCESS, 1, process_subject, &reading);
    statistics_write(&out, OF_HTTP, 1, http_subject, &reading);
    statistics_write(&out, OF_LOOP, snapshot->totals.loop_count, loop_subject, &reading);
    write_delays(&out, &reading);
    statistics_write(&out, OF_GIL, snapshot->totals.gil_count, gil_subject, &reading);
    statistics_write(&out, OF_MODEL, source->routes->models->count, model_subject, &reading);
    statistics_write(&out, OF_WORKLOAD, snapshot->series_count, workload_subject, &reading);
    write_phases(&out, source->routes, snapshot);
    snapshot_release(snapshot);
    if (out.failed) {
        buf_free(&out.text);
        return NULL;
    }
    *length = out.text.length;
    return out.text.bytes;
}
