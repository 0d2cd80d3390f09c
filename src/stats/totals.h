/* Totals without histograms: what a window's bottleneck (bottleneck.h) is concluded from. A plain value of a few KiB,
 * cheap enough to read every second.
 *
 * As read, totals cover the time since the process began; after totals_subtract, the window between the two
 * readings. */
#ifndef TANDEM_STATS_TOTALS_H
#define TANDEM_STATS_TOTALS_H

#include <stdint.h>

#include "core/loop_stats.h"
#include "stats/source.h"

struct loop_sum {
    uint64_t lived_ns; /* since the loop began to run */
    uint64_t idle_ns;  /* of that, waiting for events */

    uint64_t connections_active; /* a state: totals_subtract leaves it as it is */
};

struct model_sum {
    struct loop_sum own_loop; /* struct model_loop (core/model.h); idle: the time that its thread was not on a CPU */
    uint64_t requests;        /* answered, or given up by their client */
    uint64_t phase_ns[PHASE_COUNT];
    uint64_t seen_in_flight, seen_waiting; /* added up over the samples of sliding_window.h */

    uint64_t in_flight, waiting; /* states: totals_subtract leaves them as they are */
};

struct totals {
    uint64_t window_ns;
    uint64_t cpu_ns;      /* CPU time used by the process */
    uint64_t cpu_wait_ns; /* time that its threads were ready to run but had no CPU */
    uint64_t samples;     /* number of samples taken by sliding_window.h */
    unsigned cores;       /* that the process may use; a state */
    unsigned loop_count, gil_count, model_count;
    struct loop_sum loops[LOOPS_MAX];
    struct gil_stats gils[INTERPRETERS_MAX];
    struct model_sum models[MODELS_MAX];
};

/* ANY thread. Reads the totals as of now. samples, seen_in_flight and seen_waiting are left to sliding_window_seen. */
void totals_read(struct totals *out, const struct stats_source *source);

/* Subtracts an earlier reading. */
void totals_subtract(struct totals *totals, const struct totals *earlier);

/* Returns the share of its time that the loop did not wait for events; 0 if it has not run. */
double loop_sum_utilization(const struct loop_sum *loop);

#endif
