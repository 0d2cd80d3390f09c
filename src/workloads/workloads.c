#include "workloads/workloads.h"

#define LIST_WORKLOAD(name) &workload_##name,
static const struct workload *const list[] = {WORKLOADS(LIST_WORKLOAD)};

const struct workloads workloads = {list, sizeof list / sizeof list[0]};
