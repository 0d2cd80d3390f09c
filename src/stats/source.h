/* What the statistics are made from: the loops, the models, the process. Made before the fronts run, const while they
 * do; where it points to grows, and may be read by any thread. */
#ifndef TANDEM_STATS_SOURCE_H
#define TANDEM_STATS_SOURCE_H

#include <stdint.h>

#include "core/loop.h"
#include "core/site.h"

struct marks;
struct recent;

struct stats_source {
    const struct site *site;
    struct loop **loops;
    unsigned loop_count;        /* at most LOOPS_MAX */
    const char *python_version; /* NULL where no model needs Python */
    uint64_t python_startup_ns; /* how long the interpreter took to start */
    const char *admin_url;      /* NULL where there is none */
    const char *libmicrohttpd_version;
    double started_at; /* seconds since the Unix epoch */
    uint64_t started_ns;
    uint64_t startup_ns; /* until the server accepted connections */

    /* ANY thread. Fills at most max entries and returns how many. NULL where no model needs Python. */
    unsigned (*read_gils)(struct gil_stats *out, unsigned max);

    struct recent *recent; /* the last seconds; NULL where nobody samples them */
    struct marks *marks;   /* moments that users had remembered; NULL where they cannot */
};

#endif
