#include "http/request/body_reader.h"

#include <sys/socket.h>

#include "http/connection/connection.h"
#include "http/connection/io_thread_state.h"
#include "http/connection/timeouts.h"
#include "http/connection/transition.h"
#include "stream/pipe.h"
#include "stream/request_streams.h"

/* True if somebody needs the body. A request that was answered at once does not. */
static bool wants_body(const struct connection *connection)
{
    return connection->filling && (connection->filling->body_writer || !connection->filling->reply.status);
}

/* The body is whole. libmicrohttpd learns that by the one byte that it was told to wait for. */
static void end_body(struct connection *connection)
{
    if (connection->filling)
        request_end_body(connection->filling, true);
    connection->filling = NULL;
    if (connection->input == INPUT_PAUSED || connection->input == INPUT_UNTHROTTLED)
        transition_input(connection, INPUT_OPEN);
    connection->whole++;
    PENDING_BYTES_PUT_LITERAL(&connection->pending_bytes, "x");
}

/* Hands the I/O thread's piece to the handler. Stops reading if the pipe is full. */
static void hand_over(struct connection *connection)
{
    if (!pipe_put(connection->filling->body_writer, &connection->io_thread->piece) && connection->input == INPUT_OPEN)
        transition_input(connection, INPUT_PAUSED);
    timeouts_restart(&connection->io_thread->timeouts, connection);
}

/* Adds to the request, or hands the bytes to its handler. False: memory ran out. */
static bool add_to_body(struct connection *connection, const char *bytes, size_t length)
{
    struct request *request = connection->filling;
    if (!request->body_writer)
        return request_body_append(request, bytes, length) == ERR_OK;
    if (length == 0)
        return true;
    if (buf_append(&connection->io_thread->piece, bytes, length))
        return false;
    hand_over(connection);
    return true;
}

size_t body_take(struct connection *connection, const char *in, size_t in_bytes)
{
    size_t body_bytes;
    enum body_framing_status status = body_framing_take(&connection->body_framing, in, &in_bytes, &body_bytes);
    if (wants_body(connection) && !add_to_body(connection, in + in_bytes - body_bytes, body_bytes))
        connection_out_of_memory(connection);
    else if (status == BODY_FRAMING_END)
        end_body(connection);
    else if (status == BODY_FRAMING_MALFORMED)
        connection_refuse(connection, 400, REFUSED_MALFORMED, "the chunked coding of the body is broken");
    else if (status == BODY_FRAMING_TOO_LARGE)
        connection_refuse(connection, 413, REFUSED_BODY_TOO_LARGE, "the request body is over --max-body");
    return in_bytes;
}

size_t body_read_bytes(const struct connection *connection)
{
    return connection->filling && connection->filling != connection->request ? BODY_WHOLE_BYTES : BODY_READ_BYTES;
}

/* Returns where to read at most *most bytes to: into the request, or into the piece for its handler. For a piece,
 * lowers *most to the room in the pipe, unless there is none. A body whose request has begun gets room for all of it,
 * since it is certain to be read. NULL: memory ran out. */
static char *room_for(struct connection *connection, size_t *most)
{
    struct request *request = connection->filling;
    struct buf *piece = &connection->io_thread->piece;
    if (!request->body_writer) {
        size_t whole = connection->request == request ? (size_t)connection->body_framing.left : *most;
        return request_body_reserve(request, whole) ? NULL : request->body + request->body_bytes;
    }
    size_t room = pipe_room(request->body_writer);
    if (room > 0 && room < *most)
        *most = room;
    return buf_reserve(piece, *most) ? NULL : piece->bytes;
}

ssize_t body_read(struct connection *connection)
{
    struct request *request = connection->filling;
    struct body_framing *body_framing = &connection->body_framing;
    size_t most = body_read_bytes(connection);
    if (body_framing->left < most)
        most = (size_t)body_framing->left;
    char *in = room_for(connection, &most);
    if (!in) {
        connection_out_of_memory(connection);
        return -1;
    }
    ssize_t got = recvfrom(connection->fd, in, most, 0, NULL, NULL);
    if (got <= 0)
        return got;
    size_t taken = (size_t)got, body_bytes;
    enum body_framing_status status = body_framing_take(body_framing, in, &taken, &body_bytes);
    if (request->body_writer) {
        connection->io_thread->piece.length = body_bytes;
        hand_over(connection);
    } else {
        request->body_bytes += body_bytes;
    }
    if (status == BODY_FRAMING_END)
        end_body(connection);
    return got;
}

bool body_reads_directly(const struct connection *connection)
{
    return connection->held.length == 0 && connection->body_framing.state == BODY_FRAMING_LENGTH &&
           connection->body_framing.left >= IO_THREAD_SCRATCH_BYTES && wants_body(connection);
}

void body_drop(struct connection *connection, struct request *request)
{
    if (connection->filling != request)
        return;
    request_end_body(request, false);
    connection->filling = NULL;
}

ssize_t body_cut(struct connection *connection, char *out, size_t out_bytes)
{
    transition_input(connection, INPUT_CLOSING);
    connection_linger(connection);
    connection->filling = NULL;
    connection->whole++;
    body_framing_none(&connection->body_framing);
    PENDING_BYTES_PUT_LITERAL(&connection->pending_bytes, "x");
    return (ssize_t)pending_bytes_take(&connection->pending_bytes, out, out_bytes);
}
