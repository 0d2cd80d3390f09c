/* /stats/stream: the document of /stats as server-sent events, the first at once, then one every second.
 *
 * Each loop that has readers has a feed: a timer and the list of its readers. A tick renders the document once for all
 * of them. A reader that has not taken the event before skips this one, so what waits for a client is one event at
 * most. The feed is made for the loop's first reader and goes with its last. */
#ifndef TANDEM_STATS_FEED_H
#define TANDEM_STATS_FEED_H

#include "core/loop.h"
#include "core/site.h"
#include "stats/document.h"

struct feed;

struct feeds {
    const struct stats_source *source;
    struct feed *of_loop[LOOPS_MAX + 1]; /* each its LOOP's only; the last one is the admin front's */
};

/* A page (core/site.h); context: the struct feeds. */
void feed_render(void *context, const struct page_call *call, struct reply *reply);

#endif
