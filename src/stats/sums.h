/* Sums without histograms: what a window's verdict (bound.h) is made from. A plain value of a few KiB, cheap enough to
 * be read every second.
 *
 * As read they cover the time since the process began; with an earlier reading taken away, the window between the two.
 */
#ifndef TANDEM_STATS_SUMS_H
#define TANDEM_STATS_SUMS_H

#include <stdint.h>

#include "core/stats.h"
#include "stats/source.h"

struct loop_sum {
    uint64_t lived_ns; /* since the loop began to run */
    uint64_t idle_ns;  /* of that, waiting for events */

    uint64_t connections_active; /* a state: a difference leaves it as it is */
};

struct model_sum {
    struct loop_sum own_loop; /* core/model.h's model_loop; idle is what its thread was not on a CPU */
    uint64_t requests;        /* answered, or given up by their client */
    uint64_t phase_ns[PHASE_COUNT];
    uint64_t seen_in_flight, seen_waiting; /* added up over the looks of recent.h */

    uint64_t in_flight, waiting; /* states: a difference leaves them as they are */
};

struct sums {
    uint64_t window_ns;
    uint64_t cpu_ns;      /* that the process used */
    uint64_t cpu_wait_ns; /* that its threads were ready to run, and had no CPU */
    uint64_t looks;       /* how often recent.h has looked at what the models have in flight */
    unsigned cores;       /* that the process may use; a state */
    unsigned loop_count, gil_count, model_count;
    struct loop_sum loops[LOOPS_MAX];
    struct gil_stats gils[INTERPRETERS_MAX];
    struct model_sum models[MODELS_MAX];
};

/* ANY thread. As of now. */
void sums_read(struct sums *out, const struct stats_source *source);

/* Takes away what there was earlier. */
void sums_subtract(struct sums *sums, const struct sums *earlier);

/* The part of its time that the loop did not wait for events; 0 where it has not run. */
double loop_sum_utilization(const struct loop_sum *loop);

#endif
