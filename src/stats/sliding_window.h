/* A sliding window: the totals of the last ten samples, a second apart. It is the window for users who name no mark.
 *
 * sliding_window_sample is called once a second on a thread that nothing occupies, the control thread. It also adds up
 * what every model has in flight: totals of completed requests say nothing of requests that last longer than a
 * window. */
#ifndef TANDEM_STATS_SLIDING_WINDOW_H
#define TANDEM_STATS_SLIDING_WINDOW_H

#include <stdbool.h>
#include <uv.h>

#include "stats/totals.h"

enum { SLIDING_WINDOW_SAMPLES = 10 };

struct sliding_window {
    const struct stats_source *source;
    uv_mutex_t sampling; /* held while a sample is taken, so that sliding_window_stop can wait for it; guards stopped */
    bool stopped;

    uv_mutex_t lock; /* guards the ring; held only while a sample is copied */
    struct totals ring[SLIDING_WINDOW_SAMPLES];
    unsigned count, oldest;

    counter samples, in_flight[MODELS_MAX], waiting[MODELS_MAX]; /* the sampling thread writes, ANY thread reads */
};

/* MAIN thread, before any other uses it. The struct is zeroed before. Takes the first sample. */
void sliding_window_init(struct sliding_window *sliding_window, const struct stats_source *source);

/* The sampling thread. Takes a sample. */
void sliding_window_sample(struct sliding_window *sliding_window);

/* MAIN thread. Returns when no sample is being taken any more, and none will be: what source points to may end then. */
void sliding_window_stop(struct sliding_window *sliding_window);

/* ANY thread. Sets in totals how many samples were taken, and what they saw in flight. */
void sliding_window_seen(const struct sliding_window *sliding_window, struct totals *totals);

/* ANY thread. Subtracts the oldest sample from totals that were just read: they then cover at most the last ten
 * seconds. */
void sliding_window_read(struct sliding_window *sliding_window, struct totals *now);

#endif
