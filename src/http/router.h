/* The router: which model and workload a request is for, with which parameters; or what is wrong with it.
 *
 *   /MODEL/NAME   a workload in a model
 *   /NAME         the same, where only one model runs
 *   /PAGE         a page of tandem's own (core/site.h), which goes before both */
#ifndef TANDEM_HTTP_ROUTER_H
#define TANDEM_HTTP_ROUTER_H

#include "core/request.h"
#include "core/site.h"

/* LOOP. Sets the request's model, workload and params; where it cannot go to a model, or a page answers it, writes the
 * reply: 200, 400, 404, 405 or 501. */
void router_route(const struct site *site, struct request *request);

#endif
