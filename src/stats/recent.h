/* The last seconds: sums of ten moments, a second apart, for what a user who names no window is told of.
 *
 * recent_sample is called once a second on a thread that nothing occupies (the supervisor's). Each time it also looks
 * at what every model has in flight, and adds it up: sums of completed requests say nothing of those that last longer
 * than a window. */
#ifndef TANDEM_STATS_RECENT_H
#define TANDEM_STATS_RECENT_H

#include <stdbool.h>
#include <uv.h>

#include "stats/sums.h"

enum { RECENT_SAMPLES = 10 };

struct recent {
    const struct stats_source *source;
    uv_mutex_t sampling; /* held while a sample is taken, so that recent_stop can wait for its end; guards stopped */
    bool stopped;

    uv_mutex_t lock; /* guards the ring; held for as long as a copy takes */
    struct sums ring[RECENT_SAMPLES];
    unsigned count, oldest;

    counter looks, in_flight[MODELS_MAX], waiting[MODELS_MAX]; /* the sampling thread writes, any reads */
};

/* MAIN thread, before any other uses it. Takes the first sample. */
void recent_init(struct recent *recent, const struct stats_source *source);

/* The sampling thread. */
void recent_sample(struct recent *recent);

/* MAIN thread. When it returns no sample is being taken, and none will be: what the source points to may end. */
void recent_stop(struct recent *recent);

/* ANY thread. Adds what was seen in flight to the sums. */
void recent_seen(const struct recent *recent, struct sums *sums);

/* ANY thread. Takes the oldest sample away from sums that were just read: they cover at most the last ten seconds then.
 */
void recent_window(struct recent *recent, struct sums *now);

#endif
