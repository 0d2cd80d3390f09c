#include "stats/document.h"

#include <math.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "stats/histogram_json.h"
#include "stats/json_build.h"
#include "stats/model_json.h"
#include "stats/process.h"
#include "stats/sliding_window.h"
#include "version.h"

static json_t *tandem_json(const struct stats_source *source, const struct snapshot *snapshot, const char *since)
{
    json_t *python_startup = source->python_version ? json_real(clock_seconds(source->python_startup_ns)) : json_null();
    return json_pack("{s:s, s:s, s:s?, s:i, s:s?, s:s, s:s, s:f, s:f, s:f, s:o, s:s?, s:f}", "version", TANDEM_VERSION,
                     "mode", source->routes->config->mode, "admin", source->admin_url, "pid", (int)getpid(), "python",
                     source->python_version, "libuv", uv_version_string(), "libmicrohttpd",
                     source->libmicrohttpd_version, "started_at", source->started_at, "uptime_seconds",
                     clock_seconds(clock_ns() - source->started_ns), "startup_seconds",
                     clock_seconds(source->startup_ns), "python_startup_seconds", python_startup, "since", since,
                     "window_seconds", clock_seconds(snapshot->totals.window_ns));
}

static json_t *rejected_json(const uint64_t rejected[REFUSAL_COUNT])
{
    json_t *object = json_object();
    for (unsigned i = 0; i < REFUSAL_COUNT; i++)
        json_add(&object, refusal_names[i], json_integer((json_int_t)rejected[i]));
    return object;
}

static json_t *http_json(const struct http_sum *http)
{
    static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
    json_t *by_class = json_object();
    for (unsigned i = 2; i < 6; i++)
        json_add(&by_class, classes[i], json_integer((json_int_t)http->responses[i]));
    return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o}", "connections_active", (json_int_t)http->connections_active,
                     "connections_total", (json_int_t)http->connections_total, "requests_total",
                     (json_int_t)http->requests_total, "requests_in_flight", (json_int_t)http->requests_in_flight,
                     "responses", by_class, "rejected", rejected_json(http->rejected));
}

static json_t *loops_json(const struct stats_source *source, const struct snapshot *snapshot)
{
    json_t *array = json_array();
    for (unsigned l = 0; l < snapshot->totals.loop_count; l++)
        json_append(&array, json_pack("{s:i, s:I, s:f, s:o}", "id", (int)source->loops[l]->id, "connections_active",
                                      (json_int_t)snapshot->totals.loops[l].connections_active, "utilization",
                                      loop_sum_utilization(&snapshot->totals.loops[l]), "delay",
                                      histogram_json(&snapshot->delays[l])));
    return array;
}

/* The probe counts a sample before it counts that the GIL was held. If the earlier reading came in between, the
 * difference has one more held than samples. */
static json_t *held_ratio_json(const struct gil_stats *gil)
{
    if (!gil->holder_known || gil->samples == 0)
        return json_null();
    return json_real(fmin(share_of(gil->held, gil->samples), 1));
}

static json_t *gil_json(const struct gil_stats *gil)
{
    json_t *unknown = json_null();
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "interpreter", (int)gil->interpreter, "wait_seconds_total",
                     gil->waits_known ? json_real(clock_seconds(gil->wait_ns)) : unknown, "waits_total",
                     gil->waits_known ? json_integer((json_int_t)gil->waits) : unknown, "switches_total",
                     gil->holder_known ? json_integer((json_int_t)gil->switches) : unknown, "held_ratio",
                     held_ratio_json(gil));
}

static json_t *gils_json(const struct totals *totals)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < totals->gil_count; i++)
        json_append(&array, gil_json(&totals->gils[i]));
    return array;
}

static json_t *models_json(const struct models *models, const struct snapshot *snapshot, const struct totals *window)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < models->count; i++)
        json_add(&object, models->list[i].ops->name, model_json(snapshot, window, &models->list[i]));
    return object;
}

/* since: the name of the mark; NULL if the snapshot covers the server's whole life. window: what the bottlenecks are
 * concluded from. */
static json_t *document_json(const struct stats_source *source, const struct snapshot *snapshot, const char *since,
                             const struct totals *window)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "tandem", tandem_json(source, snapshot, since), "process",
                     process_json(&snapshot->process), "http", http_json(&snapshot->http), "loops",
                     loops_json(source, snapshot), "gil", gils_json(&snapshot->totals), "models",
                     models_json(source->routes->models, snapshot, window));
}

json_t *stats_document(const struct stats_source *source)
{
    struct snapshot *snapshot = snapshot_take(source);
    if (!snapshot)
        return NULL;
    struct totals window = snapshot->totals;
    if (source->sliding_window)
        sliding_window_read(source->sliding_window, &window);
    json_t *document = document_json(source, snapshot, NULL, &window);
    snapshot_release(snapshot);
    return document;
}

json_t *stats_document_since(const struct stats_source *source, const char *name, const struct snapshot *earlier)
{
    struct snapshot *snapshot = snapshot_take(source);
    if (!snapshot)
        return NULL;
    snapshot_subtract(snapshot, earlier);
    json_t *document = document_json(source, snapshot, name, &snapshot->totals);
    snapshot_release(snapshot);
    return document;
}

char *stats_document_text(json_t *document)
{
    char *text = document ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(13)) : NULL;
    json_decref(document);
    return text;
}
