#include "http/body.h"

#include <sys/socket.h>

#include "core/pipe.h"
#include "http/connection.h"
#include "http/deadline.h"
#include "http/front.h"

/* Where there was an answer at once the body is not needed. */
static bool wants_body(const struct connection *connection)
{
    return connection->filling && (connection->filling->feed || !connection->filling->reply.status);
}

/* The body is whole: libmicrohttpd learns of it by the byte that it was told to wait for. */
static void end_body(struct connection *connection)
{
    if (connection->filling)
        request_end_inflow(connection->filling, true);
    connection->filling = NULL;
    connection->paused = false;
    connection->whole++;
    ASIDE_PUT_LITERAL(&connection->aside, "x");
}

/* False: memory ran out. */
static bool add_to_body(struct connection *connection, const char *bytes, size_t length)
{
    struct request *request = connection->filling;
    if (!request->feed)
        return request_body_append(request, bytes, length) == ERR_OK;
    if (length == 0)
        return true;
    if (!pipe_put(request->feed, bytes, length) && !connection->unpaused)
        connection->paused = true;
    deadline_restart(&connection->front->deadlines, connection);
    return true;
}

size_t body_take(struct connection *connection, const char *in, size_t in_bytes)
{
    size_t body_bytes;
    enum framing_status status = framing_take(&connection->framing, in, &in_bytes, &body_bytes);
    if (wants_body(connection) && !add_to_body(connection, in + in_bytes - body_bytes, body_bytes))
        connection_out_of_memory(connection);
    else if (status == FRAMING_END)
        end_body(connection);
    else if (status == FRAMING_MALFORMED)
        connection_refuse(connection, 400, REFUSED_MALFORMED, "the chunked coding of the body is broken");
    else if (status == FRAMING_TOO_LARGE)
        connection_refuse(connection, 413, REFUSED_BODY_TOO_LARGE, "the request body is over --max-body");
    return in_bytes;
}

ssize_t body_read(struct connection *connection)
{
    struct request *request = connection->filling;
    struct framing *framing = &connection->framing;
    size_t most = framing->left < BODY_READ_BYTES ? (size_t)framing->left : BODY_READ_BYTES;
    if (request_body_reserve(request, most)) {
        connection_out_of_memory(connection);
        return -1;
    }
    char *in = request->body + request->body_bytes;
    ssize_t got = recvfrom(connection->fd, in, most, 0, NULL, NULL);
    if (got <= 0)
        return got;
    size_t taken = (size_t)got, body_bytes;
    if (framing_take(framing, in, &taken, &body_bytes) == FRAMING_END)
        end_body(connection);
    request->body_bytes += body_bytes;
    return got;
}

bool body_reads_directly(const struct connection *connection)
{
    return connection->held.length == 0 && connection->framing.state == FRAMING_LENGTH &&
           connection->framing.left >= FRONT_SCRATCH_BYTES && wants_body(connection) && !connection->filling->feed;
}

ssize_t body_cut(struct connection *connection, char *out, size_t out_bytes)
{
    connection->cut = false;
    connection->closing = connection->linger = true;
    connection->filling = NULL;
    connection->whole++;
    framing_none(&connection->framing);
    ASIDE_PUT_LITERAL(&connection->aside, "x");
    return (ssize_t)aside_take(&connection->aside, out, out_bytes);
}
