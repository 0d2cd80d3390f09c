#include "workloads/workloads.h"

static const struct workload *const list[] = {
    &workload_plaintext, &workload_json, &workload_echo, &workload_sleep,
    &workload_primes,    &workload_hash, &workload_file,
};

const struct workloads workloads = {list, sizeof list / sizeof list[0]};
