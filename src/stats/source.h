/* The sources of the statistics: the loops, the models, the process. The struct is complete before the server accepts
 * connections, and const from then on. The data that it points to changes, and any thread may read it. */
#ifndef TANDEM_STATS_SOURCE_H
#define TANDEM_STATS_SOURCE_H

#include <stdint.h>

#include "core/loop.h"
#include "core/routes.h"

struct marks;
struct sliding_window;

struct stats_source {
    const struct routes *routes;
    struct loop **loops;
    unsigned loop_count;          /* at most LOOPS_MAX */
    const char *python_version;   /* NULL: no model needs Python */
    uint64_t python_startup_ns;   /* how long the interpreter took to start */
    const uint64_t *gc_threshold; /* GC_GENERATIONS values; NULL: no model needs Python */
    const char *admin_url;        /* NULL: there is none */
    const char *libmicrohttpd_version;
    double started_at; /* seconds since the Unix epoch */
    uint64_t started_ns;
    uint64_t startup_ns; /* from started_ns until the server accepted connections */

    /* ANY thread. Fills at most max entries, and returns how many. NULL: no model needs Python. */
    unsigned (*read_gils)(struct gil_stats *out, unsigned max);

    struct sliding_window *sliding_window; /* NULL: nobody samples */
    struct marks *marks;                   /* NULL: users cannot set marks */
};

#endif
