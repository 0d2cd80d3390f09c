/* /: what is served here, as JSON. */
#ifndef TANDEM_STATS_INDEX_H
#define TANDEM_STATS_INDEX_H

#include "core/reply.h"

/* A page (core/site.h); context: the struct site. */
void index_render(void *context, struct reply *reply);

#endif
