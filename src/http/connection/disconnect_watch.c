#include "http/connection/disconnect_watch.h"

#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/model.h"
#include "http/connection/io_thread_state.h"

/* True if the request is a mount's, and its model can use the news and has not got it yet. */
static bool is_worth_it(const struct connection *connection)
{
    const struct request *request = connection->request;
    if (request_half_closed(request) || !request->workload || !request->workload->is_mount)
        return false;
    return request->model->ops->cancel || request->model->ops->half_closed;
}

/* Makes the handle, once per connection. False: memory ran out. */
static bool make(struct connection *connection)
{
    connection->disconnect_watch = malloc(sizeof *connection->disconnect_watch);
    if (!connection->disconnect_watch)
        return false;
    CHECK(uv_poll_init(&connection->io_thread->loop->uv, connection->disconnect_watch, connection->fd) == 0);
    connection->disconnect_watch->data = connection;
    return true;
}

void disconnect_watch_watch(struct connection *connection, uv_poll_cb on_disconnect)
{
    if (!is_worth_it(connection))
        return;
    if (!connection->disconnect_watch && !make(connection)) {
        log_warn("out of memory: it will not be seen when the client of %s %s leaves", connection->request->method,
                 connection->request->target);
        return;
    }
    if (!uv_is_active((uv_handle_t *)connection->disconnect_watch))
        CHECK(uv_poll_start(connection->disconnect_watch, UV_DISCONNECT, on_disconnect) == 0);
}

void disconnect_watch_unwatch(struct connection *connection)
{
    if (connection->disconnect_watch && uv_is_active((uv_handle_t *)connection->disconnect_watch))
        CHECK(uv_poll_stop(connection->disconnect_watch) == 0);
}

static void on_closed(uv_handle_t *poll)
{
    free(poll);
}

void disconnect_watch_free(struct connection *connection)
{
    if (connection->disconnect_watch)
        uv_close((uv_handle_t *)connection->disconnect_watch, on_closed);
    connection->disconnect_watch = NULL;
}
