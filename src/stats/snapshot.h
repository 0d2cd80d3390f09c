/* A snapshot: all that the document is made of, copied at one moment, or what came between two.
 *
 * Plain memory that no loop writes any more; const once it is made, so any thread reads it. It has several holders
 * where it is kept for a mark; the last release frees it. Histograms take the room of their range only, and only series
 * that exist have any, so a mark of an ordinary server is some hundred KiB. */
#ifndef TANDEM_STATS_SNAPSHOT_H
#define TANDEM_STATS_SNAPSHOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/histogram_sum.h"
#include "stats/process.h"
#include "stats/sums.h"

struct http_sum {
    uint64_t connections_total;
    uint64_t requests_total;
    uint64_t responses[6]; /* by the first digit of the status */
    uint64_t rejected[REFUSAL_COUNT];

    uint64_t connections_active, requests_in_flight; /* states: a difference leaves them as they are */
};

/* One workload in one model, over all loops. */
struct series_sum {
    unsigned model, workload;
    uint64_t requests, errors;
    uint64_t in_flight; /* a state */
    struct histogram_sum phases[PHASE_COUNT];
};

struct snapshot {
    atomic_uint holders;
    double at; /* seconds since the Unix epoch */
    struct sums sums;
    struct process_sum process;
    struct http_sum http;
    struct histogram_sum delays[LOOPS_MAX];
    struct histogram_sum own_delays[MODELS_MAX]; /* of the models' own loops */
    unsigned series_count;
    struct series_sum *series; /* those that exist, by model and then by workload */
};

/* ANY thread. NULL where memory ran out. Returns held. */
struct snapshot *snapshot_take(const struct stats_source *source);

/* The one holder, before anybody else reads it. Takes away what an earlier one has: counters and histograms are of the
 * time between then, states stay. */
void snapshot_subtract(struct snapshot *snapshot, const struct snapshot *earlier);

/* ANY thread that is sure of one holder. One more; returns the same. */
struct snapshot *snapshot_hold(struct snapshot *snapshot);

/* ANY thread, once per hold. NULL is none. */
void snapshot_release(struct snapshot *snapshot);

#endif
