#include "stats/model_json.h"

#include <stdlib.h>

#include "stats/histogram_json.h"
#include "stats/json_build.h"

/* A workload in a model over all loops, or a model over all workloads. */
struct series_sum {
    uint64_t requests, errors, in_flight;
    struct histogram_sum phases[PHASE_COUNT];
};

static void add_series(struct series_sum *sum, const struct series *series)
{
    sum->requests += counter_read(&series->requests_total);
    sum->errors += counter_read(&series->errors_total);
    uint64_t returned = counter_read(&series->returned_total);
    sum->in_flight += counter_open(counter_read(&series->taken_total), returned);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        histogram_add(&sum->phases[phase], &series->phases[phase]);
}

static void add_sum(struct series_sum *sum, const struct series_sum *other)
{
    sum->requests += other->requests;
    sum->errors += other->errors;
    sum->in_flight += other->in_flight;
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        histogram_sum_add(&sum->phases[phase], &other->phases[phase]);
}

static json_t *phases_json(const struct series_sum *sum)
{
    json_t *phases = json_object();
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        json_add(&phases, phase_names[phase], histogram_json(&sum->phases[phase]));
    return phases;
}

static json_t *workload_json(const struct series_sum *sum)
{
    return json_pack("{s:I, s:I, s:o}", "requests_total", (json_int_t)sum->requests, "errors_total",
                     (json_int_t)sum->errors, "phases", phases_json(sum));
}

/* Adds every workload that was ever asked for to the object, and all of them to total. one: room for a sum. */
static void add_workloads(const struct stats_source *source, const struct model *model, json_t **object,
                          struct series_sum *total, struct series_sum *one)
{
    const struct workloads *workloads = source->site->workloads;
    for (unsigned w = 0; w < workloads->count; w++) {
        bool any = false;
        *one = (struct series_sum){0};
        for (unsigned l = 0; l < source->loop_count; l++) {
            const struct series *series = loop_stats_find(&source->loops[l]->stats, model->index, w);
            if (!series)
                continue;
            any = true;
            add_series(one, series);
        }
        if (!any)
            continue;
        add_sum(total, one);
        json_add(object, workloads->list[w]->name, workload_json(one));
    }
}

json_t *model_json(const struct stats_source *source, const struct model *model)
{
    struct series_sum *sums = calloc(2, sizeof *sums);
    json_t *workloads = json_object();
    if (!sums || !workloads) {
        free(sums);
        json_decref(workloads);
        return NULL;
    }
    add_workloads(source, model, &workloads, &sums[0], &sums[1]);
    json_t *object =
        json_pack("{s:i, s:I, s:i, s:I, s:I, s:I, s:o, s:o}", "threads", (int)model->threads, "in_flight",
                  (json_int_t)sums[0].in_flight, "queue_length", (int)atomic_load(&model->queue_length), "queue_limit",
                  (json_int_t)model->config->queue_limit, "requests_total", (json_int_t)sums[0].requests,
                  "errors_total", (json_int_t)sums[0].errors, "phases", phases_json(&sums[0]), "workloads", workloads);
    free(sums);
    return object;
}
