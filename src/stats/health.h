/* /livez and /readyz: what those ask who start, stop and route to servers. */
#ifndef TANDEM_STATS_HEALTH_H
#define TANDEM_STATS_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/site.h"

struct health {
    atomic_bool draining; /* set by ANY thread */
};

/* A page (core/site.h): 200 as long as the process answers. */
void livez_render(void *context, const struct page_call *call, struct reply *reply);

/* A page; context: the struct health. 200 while new requests are welcome, 503 in the drain. */
void readyz_render(void *context, const struct page_call *call, struct reply *reply);

#endif
