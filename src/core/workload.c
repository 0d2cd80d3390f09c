#include "core/workload.h"

#include <stddef.h>

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
