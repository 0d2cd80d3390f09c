#include "http/routing/last_route.h"

#include <string.h>

#include "http/routing/router.h"

static void remember(struct last_route *last, const struct request *request, size_t target_bytes)
{
    size_t method_bytes = strlen(request->method) + 1;
    if (!request->model || request->reply.status || target_bytes > sizeof last->target ||
        method_bytes > sizeof last->method)
        return;
    memcpy(last->method, request->method, method_bytes);
    memcpy(last->target, request->target, target_bytes);
    last->target_bytes = target_bytes;
    last->model = request->model;
    last->workload = request->workload;
    last->workload_index = request->workload_index;
    last->mount_bytes = request->mount_bytes;
    memcpy(last->params, request->params, sizeof last->params);
}

void last_route_route(struct last_route *last, const struct routes *routes, struct request *request)
{
    size_t target_bytes = strlen(request->target) + 1;
    if (target_bytes != last->target_bytes || memcmp(last->target, request->target, target_bytes) != 0 ||
        strcmp(last->method, request->method) != 0) {
        router_route(routes, request);
        remember(last, request, target_bytes);
        return;
    }
    request->model = last->model;
    request->workload = last->workload;
    request->workload_index = last->workload_index;
    request->mount_bytes = last->mount_bytes;
    memcpy(request->params, last->params, sizeof request->params);
    router_check_model(request);
}
