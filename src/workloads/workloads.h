/* The table of tandem's workloads: a file and a line for each, in the order in which / lists them. */
#ifndef TANDEM_WORKLOADS_WORKLOADS_H
#define TANDEM_WORKLOADS_WORKLOADS_H

#include "core/workload.h"

#define WORKLOADS(X)                                                                                                   \
    X(plaintext)                                                                                                       \
    X(json)                                                                                                            \
    X(echo)                                                                                                            \
    X(sleep)                                                                                                           \
    X(primes)                                                                                                          \
    X(hash)                                                                                                            \
    X(file)

#define DECLARE_WORKLOAD(name) extern const struct workload workload_##name;
WORKLOADS(DECLARE_WORKLOAD)

extern const struct workloads workloads;

/* Defines the evented variant of work that never waits: it runs on the loop, and blocks it meanwhile, as in Node. */
#define WORKLOAD_START_BY_RUNNING(run)                                                                                 \
    static void run##_on_loop(struct request *request)                                                                 \
    {                                                                                                                  \
        run(request);                                                                                                  \
        request_done(request);                                                                                         \
    }

#endif
