#include "http/connection/socket_watch.h"

#include <stdlib.h>

#include "base/check.h"
#include "core/loop.h"
#include "http/connection/io_thread_state.h"

/* Makes the handle, once per connection. False: memory ran out. */
static bool make(struct connection *connection)
{
    connection->watch = malloc(sizeof *connection->watch);
    if (!connection->watch)
        return false;
    CHECK(uv_poll_init(&connection->io_thread->loop->uv, connection->watch, connection->fd) == 0);
    connection->watch->data = connection;
    return true;
}

bool socket_watch_start(struct connection *connection, int events, uv_poll_cb on_event)
{
    if (!connection->watch && !make(connection))
        return false;
    CHECK(uv_poll_start(connection->watch, events, on_event) == 0);
    return true;
}

void socket_watch_stop(struct connection *connection)
{
    if (connection->watch && uv_is_active((uv_handle_t *)connection->watch))
        CHECK(uv_poll_stop(connection->watch) == 0);
}

static void on_closed(uv_handle_t *poll)
{
    free(poll);
}

void socket_watch_free(struct connection *connection)
{
    if (connection->watch)
        uv_close((uv_handle_t *)connection->watch, on_closed);
    connection->watch = NULL;
}
