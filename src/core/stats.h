/* What is counted and timed, and how it is kept.
 *
 * Every loop has a struct loop_stats of its own, which only that loop writes, so recording takes no lock and no atomic
 * read-modify-write; any thread reads it at any time (relaxed atomics, as in base/histogram.h). A request carries its
 * moments with it through the threads it visits, and its loop records them all when it is answered. src/stats merges
 * the loops' numbers when somebody asks. */
#ifndef TANDEM_CORE_STATS_H
#define TANDEM_CORE_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/histogram.h"
#include "core/reply.h"

/* GILS_MAX: the main interpreter's, and one for each of as many threads as --threads may ask for. */
enum { MODELS_MAX = 8, WORKLOADS_MAX = 32, GILS_MAX = 65 };

enum phase {
    PHASE_QUEUE,   /* submitted → picked up */
    PHASE_GIL,     /* every wait for the GIL during the request, those inside the handler included */
    PHASE_HANDLER, /* in the handler, less its waits for the GIL */
    PHASE_RETURN,  /* done → its loop queues the response */
    PHASE_WRITE,   /* response queued → its last byte given to the kernel */
    PHASE_TOTAL,   /* head read whole → last byte given to the kernel */
    PHASE_COUNT,
};

extern const char *const phase_names[PHASE_COUNT];

/* Only grows; one thread writes, any reads. */
typedef _Atomic uint64_t counter;

static inline uint64_t counter_read(const counter *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

static inline void counter_add(counter *c, uint64_t n)
{
    atomic_store_explicit(c, counter_read(c) + n, memory_order_relaxed);
}

/* How many of opened are not in closed, where both are read while they grow. */
static inline uint64_t counter_open(uint64_t opened, uint64_t closed)
{
    return opened > closed ? opened - closed : 0;
}

/* A share of a whole; 0 where there is no whole yet. */
static inline double share_of(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

/* One workload in one model, as seen by one loop. */
struct series {
    counter requests_total; /* answered, or given up by their client */
    counter errors_total;   /* of these, answered with 5xx */
    counter taken_total;    /* submitted to the model … */
    counter returned_total; /* … and given back by it: the difference is in flight */
    struct histogram phases[PHASE_COUNT];
};

/* One interpreter's lock. Values that this build cannot know are marked so, and null in /stats. */
struct gil_stats {
    unsigned interpreter;
    bool waits_known;
    uint64_t wait_ns, waits;
    bool holder_known;
    uint64_t switches;
    uint64_t looks, held; /* how often the probe looked, and found it held */
};

struct loop_stats {
    counter connections_total;
    counter connections_closed;
    counter requests_total; /* that passed the guard … */
    counter requests_done;  /* … and are completed: the difference is in flight */
    counter responses[6];   /* by the first digit of the status: 1 … 5 */
    counter rejected[REFUSAL_COUNT];
    counter idle_ns;        /* time the loop spent waiting for events, as of its latest turn */
    counter started_ns;     /* when the loop began to run */
    struct histogram delay; /* how late the loop's timers fire */
    _Atomic(struct series *) series[MODELS_MAX][WORKLOADS_MAX];
};

/* The loop's own thread. The series, made at its first use; NULL where memory ran out. Owned by stats. */
struct series *loop_stats_series(struct loop_stats *stats, unsigned model, unsigned workload);

/* ANY thread. The series, NULL before its first use. */
const struct series *loop_stats_find(const struct loop_stats *stats, unsigned model, unsigned workload);

/* Nobody else uses it any more: frees the series. */
void loop_stats_free(struct loop_stats *stats);

#endif
