#include "core/loop_stats.h"

#include <stdlib.h>

const char *const phase_names[PHASE_COUNT] = {
    [PHASE_QUEUE] = "queue",   [PHASE_GIL] = "gil",     [PHASE_HANDLER] = "handler",
    [PHASE_RETURN] = "return", [PHASE_WRITE] = "write", [PHASE_TOTAL] = "total",
};

const struct series *loop_stats_find(const struct loop_stats *stats, unsigned model, unsigned workload)
{
    return atomic_load_explicit(&stats->series[model][workload], memory_order_acquire);
}

struct series *loop_stats_series(struct loop_stats *stats, unsigned model, unsigned workload)
{
    _Atomic(struct series *) *slot = &stats->series[model][workload];
    struct series *series = atomic_load_explicit(slot, memory_order_relaxed);
    if (!series) {
        series = calloc(1, sizeof *series);
        atomic_store_explicit(slot, series, memory_order_release);
    }
    return series;
}

void loop_stats_free(struct loop_stats *stats)
{
    for (unsigned model = 0; model < MODELS_MAX; model++)
        for (unsigned workload = 0; workload < WORKLOADS_MAX; workload++)
            free(atomic_exchange(&stats->series[model][workload], NULL));
}
