/* /: what is served here, as JSON. */
#ifndef TANDEM_STATS_INDEX_H
#define TANDEM_STATS_INDEX_H

#include "core/site.h"

/* A page (core/site.h); context: the struct site. */
void index_render(void *context, const struct page_call *call, struct reply *reply);

#endif
