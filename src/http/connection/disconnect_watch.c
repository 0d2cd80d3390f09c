#include "http/connection/disconnect_watch.h"

#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/model.h"
#include "core/stream.h"
#include "http/connection/io_thread_state.h"

/* True if the request is a mount's, and its model can use the news and has not got it yet. */
static bool is_worth_it(const struct connection *connection)
{
    const struct request *request = connection->request;
    if (connection->half_closed || !request->workload || !request->workload->is_mount)
        return false;
    return request->model->ops->cancel || request->model->ops->half_closed;
}

static void tell_half_closed(struct connection *connection)
{
    struct request *request = connection->request;
    connection->half_closed = true;
    if (connection->stage == STAGE_SUSPENDED) {
        request_half_close(request);
        if (request->model->ops->half_closed)
            request->model->ops->half_closed(request->model, request);
    } else if (request->reply.stream && request->reply.stream->ops->half_closed) {
        request->reply.stream->ops->half_closed(request->reply.stream);
    }
}

/* libmicrohttpd closes the connection when it next asks for the answer (exchange.c), or for a piece of the stream. */
static void close_reset(struct connection *connection)
{
    connection->reset = true;
    if (connection->stage == STAGE_SUSPENDED)
        MHD_resume_connection(connection->mhd);
    else if (connection->request->reply.stream)
        stream_ready(connection->request->reply.stream);
    io_thread_want_run(connection->io_thread);
}

/* libuv reports a reset as an error. */
static void on_disconnect(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct connection *connection = poll->data;
    CHECK(connection->stage == STAGE_SUSPENDED || connection->stage == STAGE_WRITING);
    disconnect_watch_unwatch(connection);
    /* A client that asks for a websocket and closes its side will not use it. */
    if (status < 0 || connection->websocket)
        close_reset(connection);
    else
        tell_half_closed(connection);
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

void disconnect_watch_watch(struct connection *connection)
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
