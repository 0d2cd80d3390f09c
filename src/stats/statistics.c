#include "stats/statistics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "stats/json_build.h"
#include "stats/snapshot.h"

enum { LABELS_MAX = 256 };

enum type { COUNTER, GAUGE };
enum unit { COUNT, SECONDS /* kept as ns */, BYTES, RATIO };

/* A row with one value sets at or read. A row with several values sets names; its array starts at offset at. */
struct statistic {
    enum statistics_scope scope;
    const char *key;    /* in the scope's object of /stats; NULL: it is in /metrics only */
    const char *metric; /* the family in /metrics; NULL: it is in /stats only. Rows of a family follow each other */
    const char *label;  /* in /metrics: a label of this row; with names, the label's name. NULL: none */
    enum type type;
    enum unit unit;
    const char *help;
    size_t at;                      /* offset of a uint64_t in the scope's struct */
    double (*read)(const void *of); /* for a RATIO */
    bool (*known)(const void *of);  /* NULL: always */
    const char *const *names;
    unsigned first, end; /* of names */
};

static double utilization(const void *of)
{
    return loop_sum_utilization(of);
}

/* The probe counts a sample before it counts that the GIL was held. If the earlier reading came in between, the
 * difference has one more held than samples. */
static double held_ratio(const void *of)
{
    const struct gil_stats *gil = of;
    return fmin(share_of(gil->held, gil->samples), 1);
}

static bool knows_held_ratio(const void *of)
{
    const struct gil_stats *gil = of;
    return gil->holder_known && gil->samples > 0;
}

static bool knows_holder(const void *of)
{
    const struct gil_stats *gil = of;
    return gil->holder_known;
}

static bool knows_waits(const void *of)
{
    const struct gil_stats *gil = of;
    return gil->waits_known;
}

static const char *const classes[] = {"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};

#define AT(type, member) .at = offsetof(struct type, member)

static const struct statistic statistics[] = {
    {OF_PROCESS, "resident_memory_bytes", "tandem_process_resident_memory_bytes", NULL, GAUGE, BYTES,
     "Memory that is resident.", AT(process_sum, resident_bytes)},
    {OF_PROCESS, "cpu_user_seconds", "tandem_process_cpu_seconds_total", "mode=\"user\"", COUNTER, SECONDS,
     "CPU time used.", AT(process_sum, user_ns)},
    {OF_PROCESS, "cpu_system_seconds", "tandem_process_cpu_seconds_total", "mode=\"system\"", COUNTER, SECONDS,
     "CPU time used.", AT(process_sum, system_ns)},
    {OF_PROCESS, "threads", "tandem_process_threads", NULL, GAUGE, COUNT, "Threads.", AT(process_sum, threads)},
    {OF_PROCESS, "voluntary_context_switches", "tandem_process_context_switches_total", "kind=\"voluntary\"", COUNTER,
     COUNT, "Context switches of all threads.", AT(process_sum, voluntary_switches)},
    {OF_PROCESS, "involuntary_context_switches", "tandem_process_context_switches_total", "kind=\"involuntary\"",
     COUNTER, COUNT, "Context switches of all threads.", AT(process_sum, involuntary_switches)},

    {OF_HTTP, "connections_active", "tandem_http_connections_active", NULL, GAUGE, COUNT, "Connections that are open.",
     AT(http_sum, connections_active)},
    {OF_HTTP, "connections_total", "tandem_http_connections_total", NULL, COUNTER, COUNT, "Connections accepted.",
     AT(http_sum, connections_total)},
    {OF_HTTP, "requests_total", "tandem_http_requests_total", NULL, COUNTER, COUNT,
     "Requests that passed the request filter.", AT(http_sum, requests_total)},
    {OF_HTTP, "requests_in_flight", "tandem_http_requests_in_flight", NULL, GAUGE, COUNT, "Requests not yet completed.",
     AT(http_sum, requests_in_flight)},
    {OF_HTTP, "responses", "tandem_http_responses_total", "code", COUNTER, COUNT, "Responses, by class of status.",
     AT(http_sum, responses), .names = classes, .first = 2, .end = 6},
    {OF_HTTP, "rejected", "tandem_http_rejected_total", "reason", COUNTER, COUNT,
     "Requests refused, or given up by the server.", AT(http_sum, rejected), .names = refusal_names,
     .end = REFUSAL_COUNT},

    {OF_LOOP, "connections_active", NULL, NULL, GAUGE, COUNT, "The loop's connections that are open.",
     AT(loop_sum, connections_active)},
    {OF_LOOP, "utilization", NULL, NULL, GAUGE, RATIO, "Share of its time in which the loop did not wait for events.",
     .read = utilization},
    {OF_LOOP, NULL, "tandem_loop_idle_seconds_total", NULL, COUNTER, SECONDS,
     "Time waited for events: 1 - rate() is the loop's utilization.", AT(loop_sum, idle_ns)},

    {OF_GIL, "wait_seconds_total", "tandem_gil_wait_seconds_total", NULL, COUNTER, SECONDS,
     "Time that threads waited for the GIL.", AT(gil_stats, wait_ns), .known = knows_waits},
    {OF_GIL, "waits_total", "tandem_gil_waits_total", NULL, COUNTER, COUNT, "Waits for the GIL.", AT(gil_stats, waits),
     .known = knows_waits},
    {OF_GIL, "switches_total", "tandem_gil_switches_total", NULL, COUNTER, COUNT,
     "Times the GIL went from one thread to another.", AT(gil_stats, switches), .known = knows_holder},
    {OF_GIL, "held_ratio", NULL, NULL, GAUGE, RATIO, "Share of the samples that found the GIL held.",
     .read = held_ratio, .known = knows_held_ratio},
    {OF_GIL, NULL, "tandem_gil_looks_total", NULL, COUNTER, COUNT, "Samples of whether the GIL is held.",
     AT(gil_stats, samples), .known = knows_holder},
    {OF_GIL, NULL, "tandem_gil_looks_held_total", NULL, COUNTER, COUNT, "Samples that found the GIL held.",
     AT(gil_stats, held), .known = knows_holder},

    {OF_MODEL, "threads", "tandem_model_threads", NULL, GAUGE, COUNT,
     "Threads that run the model's handlers; 0 where the loops do.", AT(model_figures, threads)},
    {OF_MODEL, "in_flight", "tandem_model_in_flight", NULL, GAUGE, COUNT, "Requests that the model has.",
     AT(model_figures, in_flight)},
    {OF_MODEL, "queue_length", "tandem_model_queue_length", NULL, GAUGE, COUNT,
     "The model's requests that wait to be picked up.", AT(model_figures, queue_length)},
    {OF_MODEL, "queue_limit", "tandem_model_queue_limit", NULL, GAUGE, COUNT,
     "Queue length at which the next request gets 503.", AT(model_figures, queue_limit)},
    {OF_MODEL, "requests_total", NULL, NULL, COUNTER, COUNT, "Requests of all its workloads.",
     AT(model_figures, requests)},
    {OF_MODEL, "errors_total", NULL, NULL, COUNTER, COUNT, "Requests answered with 5xx.", AT(model_figures, errors)},

    {OF_WORKLOAD, "requests_total", "tandem_requests_total", NULL, COUNTER, COUNT,
     "Requests answered, or given up by their client.", AT(series_sum, requests)},
    {OF_WORKLOAD, "errors_total", "tandem_request_errors_total", NULL, COUNTER, COUNT, "Requests answered with 5xx.",
     AT(series_sum, errors)},
};
enum { STATISTICS = sizeof statistics / sizeof statistics[0] };

static uint64_t number(const struct statistic *statistic, const void *of, unsigned index)
{
    return ((const uint64_t *)(const void *)((const char *)of + statistic->at))[index];
}

static bool is_known(const struct statistic *statistic, const void *of)
{
    return !statistic->known || statistic->known(of);
}

static json_t *names_json(const struct statistic *statistic, const void *of)
{
    json_t *object = json_object();
    for (unsigned i = statistic->first; i < statistic->end; i++)
        json_add(&object, statistic->names[i], json_integer((json_int_t)number(statistic, of, i)));
    return object;
}

static json_t *value_json(const struct statistic *statistic, const void *of)
{
    if (!is_known(statistic, of))
        return json_null();
    if (statistic->names)
        return names_json(statistic, of);
    if (statistic->read)
        return json_real(statistic->read(of));
    uint64_t value = number(statistic, of, 0);
    return statistic->unit == SECONDS ? json_real(clock_seconds(value)) : json_integer((json_int_t)value);
}

void statistics_add_json(json_t **object, enum statistics_scope scope, const void *of)
{
    for (unsigned i = 0; i < STATISTICS; i++)
        if (statistics[i].scope == scope && statistics[i].key)
            json_add(object, statistics[i].key, value_json(&statistics[i], of));
}

/* Writes one sample. labels are those of the subject, and own is the label of this sample; either may be empty. */
static void write_sample(struct exposition *out, const struct statistic *statistic, const char *labels, const char *own,
                         uint64_t value)
{
    char all[2 * LABELS_MAX];
    (void)snprintf(all, sizeof all, "%s%s%s", labels, *labels && *own ? "," : "", own);
    if (statistic->unit == SECONDS)
        exposition_seconds(out, all, value);
    else
        exposition_integer(out, all, value);
}

static void write_samples(struct exposition *out, const struct statistic *statistic, const char *labels, const void *of)
{
    char own[LABELS_MAX];
    if (!is_known(statistic, of))
        return;
    if (!statistic->names)
        write_sample(out, statistic, labels, statistic->label ? statistic->label : "", number(statistic, of, 0));
    for (unsigned i = statistic->first; i < statistic->end; i++) {
        (void)snprintf(own, sizeof own, "%s=\"%s\"", statistic->label, statistic->names[i]);
        write_sample(out, statistic, labels, own, number(statistic, of, i));
    }
}

void statistics_write(struct exposition *out, enum statistics_scope scope, unsigned subjects,
                      statistics_subject *subject, const void *owner)
{
    const char *family = "";
    for (unsigned i = 0; i < STATISTICS; i++) {
        const struct statistic *statistic = &statistics[i];
        if (statistic->scope != scope || !statistic->metric)
            continue;
        if (strcmp(family, statistic->metric) != 0)
            exposition_family(out, statistic->metric, statistic->type == COUNTER ? "counter" : "gauge",
                              statistic->help);
        family = statistic->metric;
        for (unsigned s = 0; s < subjects; s++) {
            char labels[LABELS_MAX];
            const void *of = subject(owner, s, labels, sizeof labels);
            write_samples(out, statistic, labels, of);
        }
    }
}
