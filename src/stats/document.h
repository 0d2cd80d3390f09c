/* /stats: the document of docs/stats.md, made of what the loops, the models and the process say at this moment.
 *
 * Written in C, without the GIL, so it answers while Python holds it. */
#ifndef TANDEM_STATS_DOCUMENT_H
#define TANDEM_STATS_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/loop.h"
#include "core/site.h"

/* What the document is made from. Made before the fronts run, const while they do. */
struct stats_source {
    const struct site *site;
    struct loop **loops;
    unsigned loop_count;
    const char *python_version; /* NULL where no model needs Python */
    uint64_t python_startup_ns; /* how long the interpreter took to start */
    const char *libmicrohttpd_version;
    double started_at; /* seconds since the Unix epoch */
    uint64_t started_ns;
    uint64_t startup_ns; /* until the server accepted connections */

    /* ANY thread. Fills at most max entries and returns how many. NULL where no model needs Python. */
    unsigned (*read_gils)(struct gil_stats *out, unsigned max);
};

/* ANY thread. NULL where memory ran out. Returns owned. */
json_t *stats_document(const struct stats_source *source);

/* A page (core/site.h); context: the struct stats_source. */
void stats_render(void *context, const struct page_call *call, struct reply *reply);

#endif
