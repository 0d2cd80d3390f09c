/* Finds a model's bottleneck: the resource that would have to grow for the model to answer more requests. It is
 * concluded from the totals of a window.
 *
 * bottleneck_verdict checks the resources in a fixed order, which matters: whatever waits for an exhausted resource
 * cannot exhaust another, so the first match explains those after it. All thresholds are in one table,
 * bottleneck_limits. */
#ifndef TANDEM_STATS_BOTTLENECK_H
#define TANDEM_STATS_BOTTLENECK_H

#include "core/model.h"
#include "stats/totals.h"

enum bottleneck {
    BOTTLENECK_CPU,    /* its threads have no more CPU time to use */
    BOTTLENECK_GIL,    /* one GIL is held most of the time, or waited for much of it */
    BOTTLENECK_LOOP,   /* an event loop has no time left */
    BOTTLENECK_POOL,   /* every thread is busy, and requests wait for one */
    BOTTLENECK_SLEEP,  /* handlers wait for something outside */
    BOTTLENECK_CLIENT, /* none of these: more requests could be answered */
    BOTTLENECK_COUNT,
};

extern const char *const bottleneck_names[BOTTLENECK_COUNT];

/* Thresholds: each holds if the figure is at least as large. Shares are from 0 to 1. */
struct bottleneck_limits {
    double cpu;          /* of the cores' time: used, or used and waited for together, … */
    double cpu_used;     /* … if at least this much was used */
    double gil_held;     /* of the probe's samples: found the GIL held */
    double gil_wait;     /* of the requests' time: waiting for the GIL */
    double loop;         /* of the busiest loop's time: busy */
    double loop_waited;  /* the same, if requests mostly wait for their loop: … */
    double waiting_loop; /* … of their time: in return and write, and in queue if handlers run on the loop */
    double pool;         /* of the threads' time: busy */
    double waiting;      /* requests waiting to be picked up, on average */
    double handler;      /* of the requests' time, less that in the queue of a loop that runs handlers: in handlers */
    double off_cpu;      /* of the handlers' time: on no CPU, and not waiting for one */
    double in_flight;    /* requests, on average; with fewer, the client is the bottleneck */
};

extern const struct bottleneck_limits bottleneck_limits;

/* The figures. A ratio is a share of the window, or of what its comment names. NAN: the model has no such thing, or it
 * is not known. */
struct bottleneck_figures {
    double window_seconds;
    double requests_per_second;
    double in_flight; /* on average: by Little's law, or as sampled if requests outlast the window */
    double waiting;   /* of these, waiting to be picked up */
    double in_flight_now;
    double cores;
    double cpu;                 /* of the cores' time: used by the process */
    double cpu_wait;            /* of the cores' time: its threads ready to run, but without a CPU; may be over 1 */
    double loop;                /* of the busiest loop's time: not waiting for events */
    double gil_held;            /* of the probe's samples: found the GIL held */
    double pool;                /* of the threads' time: busy, waits for the GIL included */
    double off_cpu;             /* of the handlers' time: on no CPU, and not waiting for one; a lower bound */
    double phases[PHASE_TOTAL]; /* of the requests' time from head to last byte */
};

/* Computes the figures. window: totals from which an earlier reading was subtracted. */
struct bottleneck_figures bottleneck_figures(const struct totals *window, const struct model *model);

/* True if the window had no requests for the model. */
bool bottleneck_idle(const struct bottleneck_figures *figures);

/* Returns the first resource that is the bottleneck; BOTTLENECK_CLIENT if there is none. */
enum bottleneck bottleneck_verdict(const struct bottleneck_figures *figures, const struct model_ops *ops);

#endif
