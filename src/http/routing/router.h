/* The router: finds a request's model, workload and parameters, or what is wrong with the request. In this order:
 *
 *   /MODEL/MOUNT/…   a mount in a model
 *   /PAGE            a page of tandem's own (core/routes.h)
 *   /MODEL/NAME      a workload in a model
 *
 * If only one model runs, /MODEL may be left out. The mount that serves / (routes->root) then takes the place of /NAME,
 * and gets every path that nothing else has. */
#ifndef TANDEM_HTTP_ROUTING_ROUTER_H
#define TANDEM_HTTP_ROUTING_ROUTER_H

#include "core/request.h"
#include "core/routes.h"

/* LOOP. Sets the request's model, workload and params. If the request cannot go to a model, or a page answers it,
 * writes the reply: the page's own, or a 400, 404, 405 or 501. */
void router_route(const struct routes *routes, struct request *request);

/* LOOP. Writes a 501 if the request's model cannot run its workload. */
void router_check_model(struct request *request);

#endif
