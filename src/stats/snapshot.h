/* A snapshot: all that the document is made of, copied at one moment, or the difference between two moments.
 *
 * It is plain memory that no loop writes. Once made it is const, so any thread may read it. A snapshot that is kept for
 * a mark has several holders; the last release frees it. Histograms take only the room of their range, and only series
 * that exist have any. The mark of an ordinary server therefore takes some hundred KiB. */
#ifndef TANDEM_STATS_SNAPSHOT_H
#define TANDEM_STATS_SNAPSHOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/histogram_sum.h"
#include "stats/process.h"
#include "stats/totals.h"

struct http_sum {
    uint64_t connections_total;
    uint64_t requests_total;
    uint64_t responses[6]; /* by the first digit of the status */
    uint64_t rejected[REFUSAL_COUNT];

    uint64_t connections_active, requests_in_flight; /* states: snapshot_subtract leaves them as they are */
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
    struct totals totals;
    struct process_sum process;
    struct http_sum http;
    struct histogram_sum delays[LOOPS_MAX];
    struct histogram_sum own_delays[MODELS_MAX]; /* the models' own loops */
    unsigned series_count;
    struct series_sum *series; /* the series that exist, by model and then by workload */
};

/* ANY thread. Returns held; NULL: out of memory. */
struct snapshot *snapshot_take(const struct stats_source *source);

/* The only holder, before anybody else reads it. Subtracts an earlier snapshot: counters and histograms then cover the
 * time between the two, states stay. */
void snapshot_subtract(struct snapshot *snapshot, const struct snapshot *earlier);

/* ANY thread that is sure that one holder remains. Adds a holder, and returns the snapshot. */
struct snapshot *snapshot_hold(struct snapshot *snapshot);

/* ANY thread, once per hold. NULL is allowed. */
void snapshot_release(struct snapshot *snapshot);

#endif
