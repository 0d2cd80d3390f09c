#include "stats/document.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "stats/histogram_json.h"
#include "stats/json_build.h"
#include "stats/model_json.h"
#include "stats/process.h"
#include "version.h"

enum { GILS_MAX = 65 };

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static json_t *tandem_json(const struct stats_source *source)
{
    json_t *python_startup = source->python_version ? json_real(seconds(source->python_startup_ns)) : json_null();
    return json_pack("{s:s, s:s, s:i, s:s?, s:s, s:s, s:f, s:f, s:f, s:o}", "version", TANDEM_VERSION, "mode",
                     source->site->config->mode, "pid", (int)getpid(), "python", source->python_version, "libuv",
                     uv_version_string(), "libmicrohttpd", source->libmicrohttpd_version, "started_at",
                     source->started_at, "uptime_seconds", seconds(clock_ns() - source->started_ns), "startup_seconds",
                     seconds(source->startup_ns), "python_startup_seconds", python_startup);
}

static json_t *rejected_json(const uint64_t rejected[REFUSAL_COUNT])
{
    json_t *object = json_object();
    for (unsigned i = 0; i < REFUSAL_COUNT; i++)
        json_add(&object, refusal_names[i], json_integer((json_int_t)rejected[i]));
    return object;
}

static json_t *http_json(const struct stats_source *source)
{
    static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
    uint64_t opened = 0, closed = 0, requests = 0, done = 0, responses[6] = {0}, rejected[REFUSAL_COUNT] = {0};
    for (unsigned l = 0; l < source->loop_count; l++) {
        const struct loop_stats *stats = &source->loops[l]->stats;
        closed += counter_read(&stats->connections_closed);
        opened += counter_read(&stats->connections_total);
        done += counter_read(&stats->requests_done);
        requests += counter_read(&stats->requests_total);
        for (unsigned i = 1; i < 6; i++)
            responses[i] += counter_read(&stats->responses[i]);
        for (unsigned i = 0; i < REFUSAL_COUNT; i++)
            rejected[i] += counter_read(&stats->rejected[i]);
    }
    json_t *by_class = json_object();
    for (unsigned i = 2; i < 6; i++)
        json_add(&by_class, classes[i], json_integer((json_int_t)responses[i]));
    return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o}", "connections_active", (json_int_t)counter_open(opened, closed),
                     "connections_total", (json_int_t)opened, "requests_total", (json_int_t)requests,
                     "requests_in_flight", (json_int_t)counter_open(requests, done), "responses", by_class, "rejected",
                     rejected_json(rejected));
}

static json_t *loop_json(const struct loop *loop)
{
    struct histogram_sum *delay = calloc(1, sizeof *delay);
    if (!delay)
        return NULL;
    histogram_add(delay, &loop->stats.delay);
    double lived = seconds(clock_ns() - counter_read(&loop->stats.started_ns));
    double idle = seconds(counter_read(&loop->stats.idle_ns));
    double utilization = lived > idle ? 1 - idle / lived : 0;
    json_t *object =
        json_pack("{s:i, s:f, s:o}", "id", (int)loop->id, "utilization", utilization, "delay", histogram_json(delay));
    free(delay);
    return object;
}

static json_t *loops_json(const struct stats_source *source)
{
    json_t *array = json_array();
    for (unsigned l = 0; l < source->loop_count; l++)
        json_append(&array, loop_json(source->loops[l]));
    return array;
}

static json_t *gil_json(const struct gil_stats *gil)
{
    json_t *unknown = json_null();
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "interpreter", (int)gil->interpreter, "wait_seconds_total",
                     gil->waits_known ? json_real(seconds(gil->wait_ns)) : unknown, "waits_total",
                     gil->waits_known ? json_integer((json_int_t)gil->waits) : unknown, "switches_total",
                     gil->holder_known ? json_integer((json_int_t)gil->switches) : unknown, "held_ratio",
                     gil->holder_known ? json_real(share_of(gil->held, gil->looks)) : unknown);
}

static json_t *gils_json(const struct stats_source *source)
{
    struct gil_stats gils[GILS_MAX];
    unsigned count = source->read_gils ? source->read_gils(gils, GILS_MAX) : 0;
    json_t *array = json_array();
    for (unsigned i = 0; i < count; i++)
        json_append(&array, gil_json(&gils[i]));
    return array;
}

static json_t *models_json(const struct stats_source *source)
{
    const struct models *models = source->site->models;
    json_t *object = json_object();
    for (unsigned i = 0; i < models->count; i++)
        json_add(&object, models->list[i].ops->name, model_json(source, &models->list[i]));
    return object;
}

json_t *stats_document(const struct stats_source *source)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "tandem", tandem_json(source), "process", process_json(), "http",
                     http_json(source), "loops", loops_json(source), "gil", gils_json(source), "models",
                     models_json(source));
}

void stats_render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    json_t *document = stats_document(context);
    char *text = document ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(13)) : NULL;
    json_decref(document);
    if (text)
        reply_take(reply, 200, TYPE_JSON, text, strlen(text));
    else
        reply_error(reply, 500, REFUSED_NOT, "out of memory");
}
