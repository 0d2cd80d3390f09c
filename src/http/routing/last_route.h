/* The last route that an I/O thread has taken, with its parameters. Clients tend to ask for the same again. LOOP only.
 */
#ifndef TANDEM_HTTP_ROUTING_LAST_ROUTE_H
#define TANDEM_HTTP_ROUTING_LAST_ROUTE_H

#include "core/request.h"
#include "core/routes.h"

enum {
    LAST_ROUTE_METHOD_BYTES = 8,   /* longer methods and targets are not remembered */
    LAST_ROUTE_TARGET_BYTES = 120, /* the NUL included */
};

/* Zeroed memory remembers nothing. */
struct last_route {
    char method[LAST_ROUTE_METHOD_BYTES];
    size_t target_bytes; /* the NUL included */
    char target[LAST_ROUTE_TARGET_BYTES];
    struct model *model;
    const struct workload *workload;
    unsigned workload_index;
    size_t mount_bytes;
    int64_t params[PARAMS_MAX];
};

/* Routes as router_route does. Only routes to a model are remembered: a page writes its reply anew. */
void last_route_route(struct last_route *last, const struct routes *routes, struct request *request);

#endif
