/* The pages with statistics (core/routes.h). The context of each is the struct stats_source. */
#ifndef TANDEM_PAGES_STATS_PAGES_H
#define TANDEM_PAGES_STATS_PAGES_H

#include "core/routes.h"

/* /stats; its parameters are "since" and "format". */
void stats_render(void *context, const struct page_call *call, struct reply *reply);

/* /metrics */
void metrics_render(void *context, const struct page_call *call, struct reply *reply);

/* /stats/marks/NAME, by POST. */
void mark_render(void *context, const struct page_call *call, struct reply *reply);

#endif
