#include "stats/document.h"

#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "stats/histogram_json.h"
#include "stats/json_build.h"
#include "stats/model_json.h"
#include "stats/sliding_window.h"
#include "stats/statistics.h"
#include "version.h"

static json_t *gc_threshold_json(const uint64_t *gc_threshold)
{
    if (!gc_threshold)
        return json_null();
    return json_pack("[I, I, I]", (json_int_t)gc_threshold[0], (json_int_t)gc_threshold[1],
                     (json_int_t)gc_threshold[2]);
}

static json_t *tandem_json(const struct stats_source *source, const struct snapshot *snapshot, const char *since)
{
    json_t *python_startup = source->python_version ? json_real(clock_seconds(source->python_startup_ns)) : json_null();
    return json_pack("{s:s, s:s, s:s?, s:i, s:s?, s:o, s:s, s:s, s:f, s:f, s:f, s:o, s:s?, s:f}", "version",
                     TANDEM_VERSION, "mode", source->routes->config->mode, "admin", source->admin_url, "pid",
                     (int)getpid(), "python", source->python_version, "gc_threshold",
                     gc_threshold_json(source->gc_threshold), "libuv", uv_version_string(), "libmicrohttpd",
                     source->libmicrohttpd_version, "started_at", source->started_at, "uptime_seconds",
                     clock_seconds(clock_ns() - source->started_ns), "startup_seconds",
                     clock_seconds(source->startup_ns), "python_startup_seconds", python_startup, "since", since,
                     "window_seconds", clock_seconds(snapshot->totals.window_ns));
}

static json_t *of_scope(enum statistics_scope scope, const void *of)
{
    json_t *object = json_object();
    statistics_add_json(&object, scope, of);
    return object;
}

static json_t *loop_json(const struct stats_source *source, const struct snapshot *snapshot, unsigned index)
{
    json_t *object = json_pack("{s:i}", "id", (int)source->loops[index]->id);
    statistics_add_json(&object, OF_LOOP, &snapshot->totals.loops[index]);
    json_add(&object, "delay", histogram_json(&snapshot->delays[index]));
    return object;
}

static json_t *loops_json(const struct stats_source *source, const struct snapshot *snapshot)
{
    json_t *array = json_array();
    for (unsigned l = 0; l < snapshot->totals.loop_count; l++)
        json_append(&array, loop_json(source, snapshot, l));
    return array;
}

static json_t *gil_json(const struct gil_stats *gil)
{
    json_t *object = json_pack("{s:i}", "interpreter", (int)gil->interpreter);
    statistics_add_json(&object, OF_GIL, gil);
    return object;
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
                     of_scope(OF_PROCESS, &snapshot->process), "http", of_scope(OF_HTTP, &snapshot->http), "loops",
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
