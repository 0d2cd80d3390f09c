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

/* The front's piece goes to the handler. */
static void hand_over(struct connection *connection)
{
    if (!pipe_put(connection->filling->feed, &connection->front->piece) && !connection->unpaused)
        connection->paused = true;
    deadline_restart(&connection->front->deadlines, connection);
}

/* False: memory ran out. */
static bool add_to_body(struct connection *connection, const char *bytes, size_t length)
{
    struct request *request = connection->filling;
    if (!request->feed)
        return request_body_append(request, bytes, length) == ERR_OK;
    if (length == 0)
        return true;
    if (buf_append(&connection->front->piece, bytes, length))
        return false;
    hand_over(connection);
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

size_t body_read_bytes(const struct connection *connection)
{
    return connection->filling && connection->filling != connection->request ? BODY_WHOLE_BYTES : BODY_READ_BYTES;
}

/* Where to read at most *most bytes to: into the request, or the piece for its handler, which is then as much as that
 * has room for. A body that is certain to be read whole gets room for all of it. NULL: memory ran out. */
static char *room_for(struct connection *connection, size_t *most)
{
    struct request *request = connection->filling;
    struct buf *piece = &connection->front->piece;
    if (!request->feed) {
        size_t whole = connection->request == request ? (size_t)connection->framing.left : *most;
        return request_body_reserve(request, whole) ? NULL : request->body + request->body_bytes;
    }
    size_t room = pipe_room(request->feed);
    if (room > 0 && room < *most)
        *most = room;
    return buf_reserve(piece, *most) ? NULL : piece->bytes;
}

ssize_t body_read(struct connection *connection)
{
    struct request *request = connection->filling;
    struct framing *framing = &connection->framing;
    size_t most = body_read_bytes(connection);
    if (framing->left < most)
        most = (size_t)framing->left;
    char *in = room_for(connection, &most);
    if (!in) {
        connection_out_of_memory(connection);
        return -1;
    }
    ssize_t got = recvfrom(connection->fd, in, most, 0, NULL, NULL);
    if (got <= 0)
        return got;
    size_t taken = (size_t)got, body_bytes;
    enum framing_status status = framing_take(framing, in, &taken, &body_bytes);
    if (request->feed) {
        connection->front->piece.length = body_bytes;
        hand_over(connection);
    } else {
        request->body_bytes += body_bytes;
    }
    if (status == FRAMING_END)
        end_body(connection);
    return got;
}

bool body_reads_directly(const struct connection *connection)
{
    return connection->held.length == 0 && connection->framing.state == FRAMING_LENGTH &&
           connection->framing.left >= FRONT_SCRATCH_BYTES && wants_body(connection);
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
