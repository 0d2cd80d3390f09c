#include "stats/model_json.h"

#include "stats/bottleneck_json.h"
#include "stats/histogram_json.h"
#include "stats/json_build.h"
#include "stats/statistics.h"

static json_t *phases_json(const struct series_sum *sum)
{
    json_t *phases = json_object();
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        json_add(&phases, phase_names[phase], histogram_json(&sum->phases[phase]));
    return phases;
}

static json_t *workload_json(const struct series_sum *sum)
{
    json_t *object = json_object();
    statistics_add_json(&object, OF_WORKLOAD, sum);
    json_add(&object, "phases", phases_json(sum));
    return object;
}

/* Adds up all workloads of a model. total must be empty, and the caller frees it, on an error too. */
static enum err add_up(const struct snapshot *snapshot, unsigned model, struct series_sum *total)
{
    enum err err = ERR_OK;
    for (unsigned s = 0; s < snapshot->series_count; s++) {
        const struct series_sum *series = &snapshot->series[s];
        if (series->model != model)
            continue;
        total->requests += series->requests;
        total->errors += series->errors;
        total->in_flight += series->in_flight;
        for (unsigned phase = 0; phase < PHASE_COUNT && !err; phase++)
            err = histogram_sum_add(&total->phases[phase], &series->phases[phase]);
    }
    return err;
}

static json_t *workloads_json(const struct snapshot *snapshot, const struct model *model)
{
    json_t *object = json_object();
    for (unsigned s = 0; s < snapshot->series_count; s++) {
        const struct series_sum *series = &snapshot->series[s];
        if (series->model == model->index)
            json_add(&object, model->workloads->list[series->workload]->name, workload_json(series));
    }
    return object;
}

/* Adds the keys that only some models have. */
static void add_own(json_t **object, const struct snapshot *snapshot, const struct model *model)
{
    const char *implementation = atomic_load(&model->own_loop.implementation);
    if (implementation)
        json_add(object, "loop",
                 json_pack("{s:s, s:f, s:o}", "implementation", implementation, "utilization",
                           loop_sum_utilization(&snapshot->totals.models[model->index].own_loop), "delay",
                           histogram_json(&snapshot->own_delays[model->index])));
    if (model->warning)
        json_add(object, "warning", json_string(model->warning));
    if (!model->fallbacks)
        return;
    json_t *fallbacks = json_array();
    for (const char *const *name = model->fallbacks; *name; name++)
        json_append(&fallbacks, json_string(*name));
    json_add(object, "fallbacks", fallbacks);
}

json_t *model_json(const struct snapshot *snapshot, const struct totals *window, const struct model *model)
{
    struct series_sum total = {.model = model->index};
    json_t *object = NULL;
    if (add_up(snapshot, model->index, &total) == ERR_OK)
        object = json_object();
    statistics_add_json(&object, OF_MODEL,
                        &(struct model_figures){
                            .threads = model->threads,
                            .in_flight = total.in_flight,
                            .queue_length = snapshot->totals.models[model->index].waiting,
                            .queue_limit = model->config->queue_limit,
                            .requests = total.requests,
                            .errors = total.errors,
                        });
    json_add(&object, "bound_by", bottleneck_json(window, model));
    json_add(&object, "phases", phases_json(&total));
    json_add(&object, "workloads", workloads_json(snapshot, model));
    if (object)
        add_own(&object, snapshot, model);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        histogram_sum_free(&total.phases[phase]);
    return object;
}
