/* /livez and /readyz, for programs that start and stop servers or route to them. */
#ifndef TANDEM_PAGES_HEALTH_H
#define TANDEM_PAGES_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/routes.h"

/* The body of /readyz while new requests are welcome. */
#define HEALTH_READY "{\"ready\":true}"

struct health {
    atomic_bool draining; /* set by ANY thread */
};

/* A page (core/routes.h): 200 as long as the process answers. */
void livez_render(void *context, const struct page_call *call, struct reply *reply);

/* A page; context: the struct health. 200 while new requests are welcome, 503 during the drain. */
void readyz_render(void *context, const struct page_call *call, struct reply *reply);

#endif
