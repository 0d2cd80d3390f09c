#include "http/accounting/request_stats.h"

#include "base/check.h"
#include "base/clock.h"
#include "core/loop.h"
#include "core/model.h"

/* Returns NULL if the request is for no model, memory ran out, or nothing is counted in this build. */
static struct series *series_of(const struct request *request)
{
    if (!STATS || !request->workload)
        return NULL;
    return loop_stats_series(&request->loop->stats, request->model->index, request->workload_index);
}

void request_stats_taken(const struct request *request)
{
    struct series *series = series_of(request);
    if (series)
        counter_add(&series->taken_total, 1);
}

void request_stats_returned(const struct request *request)
{
    struct series *series = series_of(request);
    if (series)
        counter_add(&series->returned_total, 1);
}

static void record_phases(struct series *series, const struct request *request)
{
    if (!request->started_ns)
        return; /* no handler got the request */
    uint64_t in_handler_ns = clock_between(request->started_ns, request->finished_ns);
    histogram_record(&series->phases[PHASE_QUEUE], clock_between(request->submitted_ns, request->started_ns));
    if (request->model->ops->needs_python)
        histogram_record(&series->phases[PHASE_GIL], request->gil_ns);
    histogram_record(&series->phases[PHASE_HANDLER], clock_between(request->gil_ns, in_handler_ns));
}

void request_stats_given_up(const struct request *request)
{
    struct series *series = series_of(request);
    if (series)
        counter_add(&series->requests_total, 1);
}

void request_stats_handler(const struct request *request)
{
    struct series *series = series_of(request);
    if (series)
        record_phases(series, request);
}

void request_stats_written(const struct request *request, uint64_t returned_ns, uint64_t written_ns)
{
    struct series *series = series_of(request);
    if (!series)
        return;
    counter_add(&series->requests_total, 1);
    if (request->reply.status >= 500)
        counter_add(&series->errors_total, 1);
    record_phases(series, request);
    if (request->finished_ns)
        histogram_record(&series->phases[PHASE_RETURN], clock_between(request->finished_ns, returned_ns));
    histogram_record(&series->phases[PHASE_WRITE], clock_between(returned_ns, written_ns));
    histogram_record(&series->phases[PHASE_TOTAL], clock_between(request->received_ns, written_ns));
}

void request_stats_count_reply(struct loop_stats *stats, const struct reply *reply)
{
    CHECK(reply->status >= 100 && reply->status <= 599);
    counter_add(&stats->responses[reply->status / 100], 1);
    if (reply->refusal != REFUSED_NOT)
        counter_add(&stats->rejected[reply->refusal], 1);
}
