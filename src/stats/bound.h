/* What a model is bound by: the resource that would have to grow for it to answer more, concluded from the sums of a
 * window.
 *
 * The order of the questions matters (bound_verdict): a resource that is used up answers for those behind it, since
 * what waits for it cannot use up another. What they are decided by is in one table, bound_limits. */
#ifndef TANDEM_STATS_BOUND_H
#define TANDEM_STATS_BOUND_H

#include "core/model.h"
#include "stats/sums.h"

enum bound {
    BOUND_CPU,    /* its threads have no more CPU to use */
    BOUND_GIL,    /* one GIL is held all the time, or waited for most of it */
    BOUND_LOOP,   /* an event loop has no time left */
    BOUND_POOL,   /* every thread is busy, and requests wait for one */
    BOUND_SLEEP,  /* handlers wait for something outside */
    BOUND_CLIENT, /* none of these: more could be asked for */
    BOUND_COUNT,
};

extern const char *const bound_names[BOUND_COUNT];

/* From these on. */
struct bound_limits {
    double cpu;          /* of the cores' time, used, or used and waited for together, … */
    double cpu_used;     /* … if that much of it was used */
    double gil_held;     /* of the time */
    double gil_wait;     /* of the requests' time */
    double loop;         /* of the busiest loop's time */
    double loop_waited;  /* the same, where requests mostly wait for their loop: … */
    double waiting_loop; /* of the requests' time, in return and write, and in queue where handlers run on the loop */
    double pool;         /* of the threads' time */
    double waiting;      /* requests that wait to be picked up, on average */
    double handler;      /* of the requests' time, without what they waited for a loop that runs handlers */
    double off_cpu;      /* of the handlers' time */
    double in_flight;    /* requests, on average: with less than that nothing but the client waits */
};

extern const struct bound_limits bound_limits;

/* A ratio is a part of the window, or what its comment says; NAN where the model has no such thing, or nobody knows. */
struct bound_figures {
    double window_seconds;
    double requests_per_second;
    double in_flight; /* on average: by Little's law, or as seen where requests outlast the window */
    double waiting;   /* of these, to be picked up */
    double in_flight_now;
    double cores;
    double cpu;                 /* of the cores' time, what the process used */
    double cpu_wait;            /* of the cores' time, what its threads waited for one: may be more than 1 */
    double loop;                /* of the busiest loop's time, what it did not wait for events */
    double gil_held;            /* of the looks at it, those that found it held */
    double pool;                /* of the threads' time, what they were busy, waits for the GIL included */
    double off_cpu;             /* of the handlers' time, what was neither on a CPU nor waiting for one, at least */
    double phases[PHASE_TOTAL]; /* of the requests' time from head to last byte */
};

/* window: sums with an earlier reading taken away. */
struct bound_figures bound_figures(const struct sums *window, const struct model *model);

/* Nothing was asked of the model. */
bool bound_idle(const struct bound_figures *figures);

enum bound bound_verdict(const struct bound_figures *figures, const struct model_ops *ops);

#endif
