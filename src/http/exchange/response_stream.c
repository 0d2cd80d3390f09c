#include "http/exchange/response_stream.h"

#include <string.h>

#include "base/clock.h"
#include "core/stream.h"
#include "http/connection/disconnect_watch.h"
#include "http/connection/io_thread_state.h"
#include "http/connection/transition.h"

enum {
    PIECE_BYTES = 16 * 1024,
};

static void on_ready(struct stream *stream)
{
    struct connection *connection = stream->taker;
    struct io_thread *io_thread = connection->io_thread;
    stream->on_ready = NULL;
    MHD_resume_connection(connection->mhd);
    timeouts_set(&io_thread->timeouts, connection, TIMEOUT_WRITE, clock_ns());
    io_thread_want_run(io_thread);
}

static void break_off(struct connection *connection)
{
    disconnect_watch_unwatch(connection);
    transition_stage(connection, STAGE_BROKEN);
    stream_ready(connection->request->reply.stream); /* libmicrohttpd asks for the next piece, if it is not writing */
}

/* The stream's owner is told when the client has closed its side. libuv reports a reset as an error. */
static void on_disconnect(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct connection *connection = poll->data;
    struct request *request = connection->request;
    struct stream *stream = request->reply.stream;
    disconnect_watch_unwatch(connection);
    if (status < 0) {
        break_off(connection);
        io_thread_want_run(connection->io_thread);
        return;
    }
    request_half_close(request);
    if (stream->ops->half_closed)
        stream->ops->half_closed(stream);
}

static void wait_until_ready(struct connection *connection, struct stream *stream)
{
    stream->taker = connection;
    stream->on_ready = on_ready;
    timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_NOT, 0);
    MHD_suspend_connection(connection->mhd);
    disconnect_watch_watch(connection, on_disconnect);
}

/* libmicrohttpd's MHD_ContentReaderCallback. The kernel has taken all bytes before. */
static ssize_t on_pull(void *cls, uint64_t position, char *out, size_t room)
{
    (void)position;
    struct connection *connection = cls;
    struct io_thread *io_thread = connection->io_thread;
    struct reply *reply = &connection->request->reply;
    if (connection->stage == STAGE_BROKEN)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    ssize_t got = reply->stream->ops->next(reply->stream, out, room);
    if (got == STREAM_NOTHING_YET) {
        wait_until_ready(connection, reply->stream);
        return 0;
    }
    timeouts_set(&io_thread->timeouts, connection, TIMEOUT_WRITE, clock_ns());
    io_thread->owed_runs = RUNS_PER_REPLY;
    if (got < 0)
        return got == STREAM_END ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
    reply->body_bytes += (size_t)got;
    return got;
}

struct MHD_Response *response_stream_new(struct connection *connection)
{
    connection_limit_unsent(connection);
    uint64_t length = connection->request->reply.length;
    if (length == REPLY_LENGTH_OPEN)
        length = MHD_SIZE_UNKNOWN;
    struct MHD_Response *response = MHD_create_response_from_callback(length, PIECE_BYTES, on_pull, connection, NULL);
    /* libmicrohttpd 0.9.75 sends the last chunk even in reply to a HEAD, which has no body. So chunked coding is turned
     * off, and the close of the connection ends the response. */
    if (response && length == MHD_SIZE_UNKNOWN && strcmp(connection->request->method, "HEAD") == 0)
        (void)MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    return response;
}

/* Returns the stream that the connection is sending. NULL: it is not sending one. */
static struct stream *stream_of(const struct connection *connection)
{
    return connection->stage == STAGE_WRITING ? connection->request->reply.stream : NULL;
}

void response_stream_drain(struct connection *connection)
{
    struct stream *stream = stream_of(connection);
    if (stream && stream->ops->drain)
        stream->ops->drain(stream);
}

/* While the client takes nothing, libmicrohttpd does not ask for the next piece. But it notices the shutdown of the
 * socket. */
void response_stream_break(struct connection *connection)
{
    struct stream *stream = stream_of(connection);
    if (!stream)
        return;
    (void)shutdown(connection->fd, SHUT_RDWR); /* fails if the client has left already */
    break_off(connection);
}
