/* /stats/stream: the document of /stats as server-sent events: one at once, then one every second
 * (--stats-stream-period in a test build).
 *
 * Each loop that has readers has a stats stream: a timer and a list of its readers. Each tick renders the document once
 * for all of them. A reader that has not yet taken the previous event skips the new one, so at most one event waits per
 * client. The stats stream is made for the loop's first reader and goes with its last. */
#ifndef TANDEM_PAGES_STREAM_H
#define TANDEM_PAGES_STREAM_H

#include "core/loop.h"
#include "core/routes.h"
#include "stats/document.h"

struct stats_stream;

struct stats_streams {
    const struct stats_source *source;
    struct stats_stream *of_loop[LOOPS_MAX + 1]; /* each for its LOOP only; the last one is the admin io_thread's */
};

/* A page (core/routes.h); context: the struct stats_streams. */
void stats_stream_render(void *context, const struct page_call *call, struct reply *reply);

#endif
