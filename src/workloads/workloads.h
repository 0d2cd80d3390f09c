/* The workloads that tandem has: one file each, one line each in this table, in the order in which / lists them. */
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

enum { FILE_READS_PER_LOOP = 32 }; /* of /file: so many descriptors may it have open */

#define DECLARE_WORKLOAD(name) extern const struct workload workload_##name;
WORKLOADS(DECLARE_WORKLOAD)

extern const struct workloads workloads;

/* For the evented form of work that never waits: it runs on the loop, and occupies it meanwhile, as it does in Node. */
#define WORKLOAD_START_BY_RUNNING(run)                                                                                 \
    static void run##_on_loop(struct request *request)                                                                 \
    {                                                                                                                  \
        run(request);                                                                                                  \
        request_done(request);                                                                                         \
    }

#endif
