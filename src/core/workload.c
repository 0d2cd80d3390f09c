#include "core/workload.h"

#include <stddef.h>

const char *workload_c_refusal(const struct workload *workload, bool evented)
{
    if (evented ? workload->start : workload->run)
        return NULL;
    if (workload->python != PYTHON_NOT)
        return "it is in Python, and this model runs C";
    return evented ? "it has no start, which answers later; uv-pool can call its run"
                   : "it has no run, which may block; uv-loop can call its start";
}

static void teardown_first(const struct workloads *workloads, unsigned count)
{
    while (count--)
        if (workloads->list[count]->teardown)
            workloads->list[count]->teardown();
}

enum err workloads_setup(const struct workloads *workloads)
{
    for (unsigned i = 0; i < workloads->count; i++) {
        enum err err = workloads->list[i]->setup ? workloads->list[i]->setup() : ERR_OK;
        if (err) {
            teardown_first(workloads, i);
            return err;
        }
    }
    return ERR_OK;
}

void workloads_teardown(const struct workloads *workloads)
{
    teardown_first(workloads, workloads->count);
}
