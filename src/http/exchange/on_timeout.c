#include "http/exchange/on_timeout.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "core/loop.h"
#include "http/connection/io_thread_state.h"
#include "http/exchange/exchange.h"
#include "http/exchange/response.h"
#include "http/wire/output.h"

/* Refuses with a 408. The request filter sends a refusal when libmicrohttpd reads. At this point libmicrohttpd would
 * not read by itself, so the connection is kicked. */
static void refuse_late(struct connection *connection, enum refusal refusal, const char *reason)
{
    connection_refuse(connection, 408, refusal, reason);
    connection_kick(connection);
    timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_WRITE, clock_ns());
}

/* True if the bytes that the limit was for have come, and libmicrohttpd has them but has not processed them yet. Then
 * the connection gets TIMEOUT_WRITE instead. */
static bool came_in_time(struct connection *connection, enum timeout kind)
{
    if (kind == TIMEOUT_HANDLER || kind == TIMEOUT_WRITE || connection->whole == 0)
        return false;
    timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_WRITE, clock_ns());
    return true;
}

/* Closes a quiet connection whose client has closed its side. If the client closes right after its request, epoll
 * reports both events once. A read that then returns only the request is taken as having drained the socket
 * (request_filter.h), and the end would never be seen. Another read after every request would cost each request a
 * system call; this look costs only the connections that went quiet. */
static void look_for_end(struct connection *connection)
{
    char byte;
    if (recvfrom(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL) == 0)
        connection_close(connection);
    else
        timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_IDLE, clock_ns());
}

/* A busy loop may not have noticed yet that the client has taken what it was sent. It is given that, and its limit
 * begins anew. False: the client is late. */
static bool took_in_time(struct connection *connection)
{
    struct timeouts *timeouts = &connection->io_thread->timeouts;
    if (!timeouts->late || (connection->stage != STAGE_WRITING && connection->output.head.length == 0))
        return false;
    enum output_result result = output_catch_up(connection);
    if (result == OUTPUT_BLOCKED)
        timeouts_set(timeouts, connection, TIMEOUT_WRITE, clock_ns());
    return result != OUTPUT_FAILED;
}

static void end_late_write(struct connection *connection)
{
    if (took_in_time(connection))
        return;
    counter_add(&connection->io_thread->loop->stats.rejected[REFUSED_WRITE_TIMEOUT], 1);
    if (connection->stage == STAGE_WRITING)
        response_give_up(connection);
    else
        (void)shutdown(connection->fd, SHUT_RDWR); /* fails if the client has left already */
}

void on_timeout_expired(struct connection *connection, enum timeout kind)
{
    if (came_in_time(connection, kind))
        return;
    switch (kind) {
    case TIMEOUT_HEADER:
        refuse_late(connection, REFUSED_HEADER_TIMEOUT, "the request head was not whole within --header-timeout");
        break;
    case TIMEOUT_BODY:
        refuse_late(connection, REFUSED_BODY_TIMEOUT, "the request body was not whole within --request-timeout");
        break;
    case TIMEOUT_HANDLER:
        exchange_on_late(connection);
        break;
    case TIMEOUT_WRITE:
        end_late_write(connection);
        break;
    case TIMEOUT_SETTLED:
        look_for_end(connection);
        break;
    default:
        connection_close(connection);
    }
}
