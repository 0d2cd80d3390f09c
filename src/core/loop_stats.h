/* Statistics: the counters and histograms of one loop.
 *
 * Each loop has its own struct loop_stats, which only that loop writes. Recording thus takes no lock and no atomic
 * read-modify-write. ANY thread reads it at any time (relaxed atomics, as in base/histogram.h). A request carries its
 * timestamps through the threads it visits. Its loop records them all once the response is sent. src/stats merges the
 * loops' numbers when somebody asks. */
#ifndef TANDEM_CORE_LOOP_STATS_H
#define TANDEM_CORE_LOOP_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/histogram.h"
#include "core/reply.h"

/* True if anything is counted and timed. False in a build that exists to measure the cost of that (-Dstats=false). */
enum { STATS = TANDEM_STATS };

enum {
    MODELS_MAX = 8,
    WORKLOADS_MAX = 32,
    INTERPRETERS_MAX = 65, /* the main one, and one for each of at most 64 threads */
};

enum phase {
    PHASE_QUEUE,   /* submitted → picked up by a thread, less the wait for the GIL */
    PHASE_GIL,     /* every wait for the GIL during the request, those inside the handler included */
    PHASE_HANDLER, /* in the handler, less its waits for the GIL */
    PHASE_RETURN,  /* done → its loop starts to send the response */
    PHASE_WRITE,   /* start to send → last byte given to the kernel */
    PHASE_TOTAL,   /* whole head read → last byte given to the kernel */
    PHASE_COUNT,
};

extern const char *const phase_names[PHASE_COUNT];

/* Only grows. One thread writes, ANY reads. */
typedef _Atomic uint64_t counter;

static inline uint64_t counter_read(const counter *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

static inline void counter_add(counter *c, uint64_t n)
{
    if (STATS)
        atomic_store_explicit(c, counter_read(c) + n, memory_order_relaxed);
}

/* Returns opened minus closed; 0 if closed is ahead, because both grow while they are read. */
static inline uint64_t counter_open(uint64_t opened, uint64_t closed)
{
    return opened > closed ? opened - closed : 0;
}

/* Returns part / whole; 0 if whole is 0. */
static inline double share_of(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

/* The statistics of one workload in one model on one loop. */
struct series {
    counter requests_total; /* answered, or abandoned by their client */
    counter errors_total;   /* of these, answered with 5xx */
    counter taken_total;    /* submitted to the model … */
    counter returned_total; /* … and given back by it: the difference is in flight */
    struct histogram phases[PHASE_COUNT];
};

/* The statistics of one interpreter's GIL. A value that this build cannot know is marked, and is null in /stats. */
struct gil_stats {
    unsigned interpreter;
    bool waits_known; /* of wait_ns and waits */
    uint64_t wait_ns, waits;
    bool holder_known; /* of switches, samples and held */
    uint64_t switches;
    uint64_t samples, held; /* how often the probe looked, and found the GIL held */
};

struct loop_stats {
    counter connections_total;
    counter connections_closed;
    counter requests_total; /* that passed the request filter … */
    counter requests_done;  /* … and are completed: the difference is in flight */
    counter responses[6];   /* by the first digit of the status: 1 … 5 */
    counter rejected[REFUSAL_COUNT];
    counter idle_ns;                 /* time the loop spent waiting for events, updated every 10 ms */
    counter started_ns;              /* when the loop began to run */
    struct histogram delay;          /* how late the loop's timers fire */
    atomic_uint waiting[MODELS_MAX]; /* requests that wait for this loop to run their handlers (dispatch/batch.h) */
    _Atomic(struct series *) series[MODELS_MAX][WORKLOADS_MAX];
};

/* LOOP. Returns the series, made at its first use and owned by stats; NULL if memory ran out. */
struct series *loop_stats_series(struct loop_stats *stats, unsigned model, unsigned workload);

/* ANY thread. Returns the series, owned by stats; NULL before its first use. */
const struct series *loop_stats_find(const struct loop_stats *stats, unsigned model, unsigned workload);

/* ANY thread, when no other uses stats any more. Frees the series. */
void loop_stats_free(struct loop_stats *stats);

#endif
