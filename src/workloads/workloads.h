/* The workloads that tandem has: one file each, one line each in workloads.c. */
#ifndef TANDEM_WORKLOADS_WORKLOADS_H
#define TANDEM_WORKLOADS_WORKLOADS_H

#include "core/workload.h"

extern const struct workloads workloads;

extern const struct workload workload_plaintext;
extern const struct workload workload_json;
extern const struct workload workload_echo;
extern const struct workload workload_sleep;
extern const struct workload workload_primes;
extern const struct workload workload_hash;
extern const struct workload workload_file;

/* For the evented form of work that never waits: it runs on the loop, and occupies it meanwhile, as it does in Node. */
#define WORKLOAD_START_BY_RUNNING(run)                                                                                 \
    static void run##_on_loop(struct request *request)                                                                 \
    {                                                                                                                  \
        run(request);                                                                                                  \
        request_done(request);                                                                                         \
    }

#endif
