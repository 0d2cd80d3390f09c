#include "http/connection/disconnect_watch.h"

#include <uv.h>

#include "base/log.h"
#include "core/model.h"
#include "http/connection/socket_watch.h"

/* True if the request is a mount's, and its model can use the news and has not got it yet. */
static bool is_worth_it(const struct connection *connection)
{
    const struct request *request = connection->request;
    if (request_half_closed(request) || !request->workload || !request->workload->is_mount)
        return false;
    const struct model_ops *ops = request->model->ops;
    return ops->cancel || ops->half_closed || !ops->on_loop; /* a request in a queue need not be started any more */
}

void disconnect_watch_watch(struct connection *connection, uv_poll_cb on_disconnect)
{
    if (is_worth_it(connection) && !socket_watch_start(connection, UV_DISCONNECT, on_disconnect))
        log_warn("out of memory: it will not be seen when the client of %s %s leaves", connection->request->method,
                 connection->request->target);
}

void disconnect_watch_unwatch(struct connection *connection)
{
    socket_watch_stop(connection);
}
