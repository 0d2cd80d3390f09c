#include "http/hangup.h"

#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/model.h"
#include "core/stream.h"
#include "http/front.h"

/* Whether there is someone to tell. */
static bool is_worth_it(const struct connection *connection)
{
    const struct request *request = connection->request;
    return !connection->half_closed && request->workload && request->workload->is_mount && request->model->ops->cancel;
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

/* libmicrohttpd closes it when it next asks for the answer (exchange.c), or for a piece of the stream. */
static void close_reset(struct connection *connection)
{
    connection->reset = true;
    if (connection->stage == STAGE_SUSPENDED)
        MHD_resume_connection(connection->mhd);
    else if (connection->request->reply.stream)
        stream_ready(connection->request->reply.stream);
    front_want_turn(connection->front);
}

/* libuv reports a reset as an error. */
static void on_hangup(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct connection *connection = poll->data;
    CHECK(connection->stage == STAGE_SUSPENDED || connection->stage == STAGE_WRITING);
    hangup_unwatch(connection);
    /* Who asks for a websocket and closes its side will not use it. */
    if (status < 0 || connection->websocket)
        close_reset(connection);
    else
        tell_half_closed(connection);
}

/* Once for a connection. False: memory ran out. */
static bool make(struct connection *connection)
{
    connection->hangup = malloc(sizeof *connection->hangup);
    if (!connection->hangup)
        return false;
    CHECK(uv_poll_init(&connection->front->loop->uv, connection->hangup, connection->fd) == 0);
    connection->hangup->data = connection;
    return true;
}

void hangup_watch(struct connection *connection)
{
    if (!is_worth_it(connection))
        return;
    if (!connection->hangup && !make(connection)) {
        log_warn("out of memory: it will not be seen when the client of %s %s leaves", connection->request->method,
                 connection->request->target);
        return;
    }
    if (!uv_is_active((uv_handle_t *)connection->hangup))
        CHECK(uv_poll_start(connection->hangup, UV_DISCONNECT, on_hangup) == 0);
}

void hangup_unwatch(struct connection *connection)
{
    if (connection->hangup && uv_is_active((uv_handle_t *)connection->hangup))
        CHECK(uv_poll_stop(connection->hangup) == 0);
}

static void on_closed(uv_handle_t *poll)
{
    free(poll);
}

void hangup_free(struct connection *connection)
{
    if (connection->hangup)
        uv_close((uv_handle_t *)connection->hangup, on_closed);
    connection->hangup = NULL;
}
