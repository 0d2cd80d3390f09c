#include "stats/metrics.h"

#include <stdio.h>
#include <uv.h>

#include "stats/exposition.h"
#include "stats/snapshot.h"
#include "version.h"

enum { LABELS_MAX = 192 };

static void write_tandem(struct exposition *out, const struct stats_source *source)
{
    char labels[LABELS_MAX];
    snprintf(labels, sizeof labels, "version=\"%s\",python=\"%s\",libuv=\"%s\",libmicrohttpd=\"%s\"", TANDEM_VERSION,
             source->python_version ? source->python_version : "", uv_version_string(), source->libmicrohttpd_version);
    exposition_family(out, "tandem_build_info", "gauge", "Always 1; python is empty where no model needs it.");
    exposition_integer(out, labels, 1);
    exposition_family(out, "tandem_startup_seconds", "gauge",
                      "From the start of the process to accepting connections.");
    exposition_seconds(out, "", source->startup_ns);
}

static void write_process(struct exposition *out, const struct stats_source *source, const struct process_sum *process)
{
    exposition_family(out, "tandem_process_start_time_seconds", "gauge", "When it started, since the Unix epoch.");
    exposition_real(out, "", source->started_at);
    exposition_family(out, "tandem_process_cpu_seconds_total", "counter", "CPU time used.");
    exposition_seconds(out, "mode=\"user\"", process->user_ns);
    exposition_seconds(out, "mode=\"system\"", process->system_ns);
    exposition_family(out, "tandem_process_context_switches_total", "counter", "Context switches of all threads.");
    exposition_integer(out, "kind=\"voluntary\"", process->voluntary_switches);
    exposition_integer(out, "kind=\"involuntary\"", process->involuntary_switches);
    exposition_family(out, "tandem_process_resident_memory_bytes", "gauge", "Memory that is resident.");
    exposition_integer(out, "", process->resident_bytes);
    exposition_family(out, "tandem_process_threads", "gauge", "Threads.");
    exposition_integer(out, "", process->threads);
}

static void write_http(struct exposition *out, const struct http_sum *http)
{
    char labels[LABELS_MAX];
    exposition_family(out, "tandem_http_connections_active", "gauge", "Connections that are open.");
    exposition_integer(out, "", http->connections_active);
    exposition_family(out, "tandem_http_connections_total", "counter", "Connections accepted.");
    exposition_integer(out, "", http->connections_total);
    exposition_family(out, "tandem_http_requests_in_flight", "gauge", "Requests not yet completed.");
    exposition_integer(out, "", http->requests_in_flight);
    exposition_family(out, "tandem_http_requests_total", "counter", "Requests that passed the request filter.");
    exposition_integer(out, "", http->requests_total);
    exposition_family(out, "tandem_http_responses_total", "counter", "Responses, by class of status.");
    for (unsigned i = 2; i < 6; i++) {
        snprintf(labels, sizeof labels, "code=\"%uxx\"", i);
        exposition_integer(out, labels, http->responses[i]);
    }
    exposition_family(out, "tandem_http_rejected_total", "counter", "Requests refused, or given up by the server.");
    for (unsigned i = 0; i < REFUSAL_COUNT; i++) {
        snprintf(labels, sizeof labels, "reason=\"%s\"", refusal_names[i]);
        exposition_integer(out, labels, http->rejected[i]);
    }
}

static void write_loops(struct exposition *out, const struct stats_source *source, const struct snapshot *snapshot)
{
    char labels[LABELS_MAX];
    exposition_family(out, "tandem_loop_idle_seconds_total", "counter",
                      "Time waited for events: 1 - rate() is the loop's utilization.");
    for (unsigned l = 0; l < snapshot->totals.loop_count; l++) {
        snprintf(labels, sizeof labels, "loop=\"%u\"", source->loops[l]->id);
        exposition_seconds(out, labels, snapshot->totals.loops[l].idle_ns);
    }
    exposition_family(out, "tandem_loop_delay_seconds", "histogram", "How late a timer of 10 ms fires.");
    for (unsigned l = 0; l < snapshot->totals.loop_count; l++) {
        snprintf(labels, sizeof labels, "loop=\"%u\"", source->loops[l]->id);
        exposition_histogram(out, labels, &snapshot->delays[l]);
    }
}

static void write_gil_waits(struct exposition *out, const struct gil_stats *gil, const char *labels)
{
    if (gil->waits_known)
        exposition_integer(out, labels, gil->waits);
}

static void write_gil_wait_seconds(struct exposition *out, const struct gil_stats *gil, const char *labels)
{
    if (gil->waits_known)
        exposition_seconds(out, labels, gil->wait_ns);
}

static void write_gil_switches(struct exposition *out, const struct gil_stats *gil, const char *labels)
{
    if (gil->holder_known)
        exposition_integer(out, labels, gil->switches);
}

static void write_gil_samples(struct exposition *out, const struct gil_stats *gil, const char *labels)
{
    if (gil->holder_known)
        exposition_integer(out, labels, gil->samples);
}

static void write_gil_held(struct exposition *out, const struct gil_stats *gil, const char *labels)
{
    if (gil->holder_known)
        exposition_integer(out, labels, gil->held);
}

/* Leaves out a series whose value cannot be known. */
static void write_gils(struct exposition *out, const struct totals *totals)
{
    static const struct {
        const char *name, *help;
        void (*write)(struct exposition *out, const struct gil_stats *gil, const char *labels);
    } families[] = {
        {"tandem_gil_wait_seconds_total", "Time that threads waited for the GIL.", write_gil_wait_seconds},
        {"tandem_gil_waits_total", "Waits for the GIL.", write_gil_waits},
        {"tandem_gil_switches_total", "Times the GIL went from one thread to another.", write_gil_switches},
        {"tandem_gil_looks_total", "Looks at whether the GIL is held.", write_gil_samples},
        {"tandem_gil_looks_held_total", "Of these, those that found it held.", write_gil_held},
    };
    char labels[LABELS_MAX];
    for (unsigned f = 0; f < sizeof families / sizeof families[0]; f++) {
        exposition_family(out, families[f].name, "counter", families[f].help);
        for (unsigned i = 0; i < totals->gil_count; i++) {
            snprintf(labels, sizeof labels, "interpreter=\"%u\"", totals->gils[i].interpreter);
            families[f].write(out, &totals->gils[i], labels);
        }
    }
}

static uint64_t threads_of(const struct model *model, const struct model_sum *sum)
{
    (void)sum;
    return model->threads;
}

static uint64_t in_flight_of(const struct model *model, const struct model_sum *sum)
{
    (void)model;
    return sum->in_flight;
}

static uint64_t queue_length_of(const struct model *model, const struct model_sum *sum)
{
    (void)model;
    return sum->waiting;
}

static uint64_t queue_limit_of(const struct model *model, const struct model_sum *sum)
{
    (void)sum;
    return model->config->queue_limit;
}

static void write_models(struct exposition *out, const struct models *models, const struct totals *totals)
{
    static const struct {
        const char *name, *help;
        uint64_t (*value)(const struct model *model, const struct model_sum *sum);
    } families[] = {
        {"tandem_model_threads", "Threads that run the model's handlers; 0 where the loops do.", threads_of},
        {"tandem_model_in_flight", "Requests that the model has.", in_flight_of},
        {"tandem_model_queue_length", "Of these, those that wait to be picked up.", queue_length_of},
        {"tandem_model_queue_limit", "As many may wait.", queue_limit_of},
    };
    char labels[LABELS_MAX];
    for (unsigned f = 0; f < sizeof families / sizeof families[0]; f++) {
        exposition_family(out, families[f].name, "gauge", families[f].help);
        for (unsigned m = 0; m < models->count; m++) {
            snprintf(labels, sizeof labels, "model=\"%s\"", models->list[m].ops->name);
            exposition_integer(out, labels, families[f].value(&models->list[m], &totals->models[m]));
        }
    }
}

static int label_series(char labels[LABELS_MAX], const struct routes *routes, const struct series_sum *series)
{
    return snprintf(labels, LABELS_MAX, "model=\"%s\",workload=\"%s\"", routes->models->list[series->model].ops->name,
                    routes->workloads->list[series->workload]->name);
}

static void write_requests(struct exposition *out, const struct routes *routes, const struct snapshot *snapshot)
{
    char labels[LABELS_MAX];
    exposition_family(out, "tandem_requests_total", "counter", "Requests answered, or given up by their client.");
    for (unsigned s = 0; s < snapshot->series_count; s++) {
        label_series(labels, routes, &snapshot->series[s]);
        exposition_integer(out, labels, snapshot->series[s].requests);
    }
    exposition_family(out, "tandem_request_errors_total", "counter", "Of these, those answered with 5xx.");
    for (unsigned s = 0; s < snapshot->series_count; s++) {
        label_series(labels, routes, &snapshot->series[s]);
        exposition_integer(out, labels, snapshot->series[s].errors);
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
            int length = label_series(labels, routes, series);
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
    write_process(&out, source, &snapshot->process);
    write_http(&out, &snapshot->http);
    write_loops(&out, source, snapshot);
    write_gils(&out, &snapshot->totals);
    write_models(&out, source->routes->models, &snapshot->totals);
    write_requests(&out, source->routes, snapshot);
    write_phases(&out, source->routes, snapshot);
    snapshot_release(snapshot);
    if (out.failed) {
        buf_free(&out.text);
        return NULL;
    }
    *length = out.text.length;
    return out.text.bytes;
}
