#include "http/exchange/response.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/stream.h"
#include "http/accounting/request_stats.h"
#include "http/accounting/server_timing.h"
#include "http/connection/disconnect_watch.h"
#include "http/connection/io_thread_state.h"
#include "http/connection/socket_watch.h"
#include "http/connection/transition.h"
#include "http/exchange/response_stream.h"
#include "http/websocket/websocket.h"
#include "http/wire/head_writer.h"
#include "http/wire/output.h"

enum {
    FIELDS_BYTES_MAX = 64 * 1024,
    COPIED_BODY_BYTES = 4 * 1024, /* up to this, one send of one buffer costs less than a sendmsg or a sendfile */
    STREAM_PIECES_MAX = 4,        /* at a time; then the loop's other events come first */
};

static const struct output_body no_body = {.left = 0};

static enum framing framing_of(const struct request *request)
{
    const struct reply *reply = &request->reply;
    if (reply->status < 200 || reply->status == 204 || reply->status == 304)
        return FRAMING_NONE;
    if (!reply->stream || reply->length != REPLY_LENGTH_OPEN)
        return FRAMING_LENGTH;
    return request->minor_version == 1 ? FRAMING_CHUNKED : FRAMING_CLOSE;
}

static bool has_body(const struct request *request, enum framing framing)
{
    return framing != FRAMING_NONE && strcmp(request->method, "HEAD") != 0;
}

static void close_stream(struct reply *reply)
{
    if (reply->stream)
        reply->stream->ops->close(reply->stream);
    reply->stream = NULL;
}

/* Leaves STAGE_WRITING. */
static void end_writing(struct connection *connection, enum stage stage)
{
    socket_watch_stop(connection);
    if (connection->request->reply.stream)
        connection->request->reply.stream->on_ready = NULL;
    connection->sent_ns = clock_ns();
    connection->io_thread->progressed = true;
    transition_stage(connection, stage);
}

/* libmicrohttpd asks what has become of the reply. */
static void resume(struct connection *connection)
{
    MHD_resume_connection(connection->mhd);
    io_thread_want_run(connection->io_thread);
}

static void write_on(struct connection *connection, enum output_result result, size_t head_bytes);

static void write_and_resume(struct connection *connection, enum output_result result)
{
    write_on(connection, result, 0);
    if (connection->stage != STAGE_WRITING)
        resume(connection);
}

static void on_end(struct connection *connection, bool failed)
{
    write_and_resume(connection, failed ? OUTPUT_FAILED : OUTPUT_SENT);
}

static void on_ready(struct stream *stream)
{
    stream->on_ready = NULL;
    write_and_resume(stream->taker, OUTPUT_SENT);
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
        write_and_resume(connection, OUTPUT_FAILED);
        return;
    }
    request_half_close(request);
    if (stream->ops->half_closed)
        stream->ops->half_closed(stream);
}

static void wait_for_stream(struct connection *connection)
{
    struct stream *stream = connection->request->reply.stream;
    stream->taker = connection;
    stream->on_ready = on_ready;
    timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_NOT, 0);
    socket_watch_stop(connection);
    disconnect_watch_watch(connection, on_disconnect);
}

/* anew: a time limit begins, though one may run already. */
static void wait_for_client(struct connection *connection, bool anew)
{
    if (anew || connection->timeout != TIMEOUT_WRITE)
        timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_WRITE, clock_ns());
    if (!output_wait(connection, on_end))
        end_writing(connection, STAGE_BROKEN);
}

/* Sends of the stream what it has and the kernel takes. The first head_bytes of scratch go out before it. *waits: the
 * kernel has everything, and the stream has nothing for now. */
static enum output_result send_stream(struct connection *connection, size_t head_bytes, bool *waits)
{
    struct request *request = connection->request;
    char *out = connection->io_thread->scratch;
    bool chunked = framing_of(request) == FRAMING_CHUNKED;
    for (unsigned pieces = 0; pieces < STREAM_PIECES_MAX; pieces++) {
        size_t bytes;
        enum response_stream_state state = response_stream_take(&request->reply, chunked, out + head_bytes,
                                                                IO_THREAD_SCRATCH_BYTES - head_bytes, &bytes);
        bytes += head_bytes;
        head_bytes = 0;
        enum output_result result = bytes ? output_send(connection, out, bytes, &no_body) : OUTPUT_SENT;
        if (state == RESPONSE_STREAM_BROKEN)
            return OUTPUT_FAILED;
        *waits = state == RESPONSE_STREAM_WAITS && result == OUTPUT_SENT;
        if (state != RESPONSE_STREAM_MORE || result != OUTPUT_SENT)
            return result;
    }
    return OUTPUT_BLOCKED;
}

/* result: of what was sent last. head_bytes: of a head in scratch, which goes out with the first bytes of the stream.
 */
static void write_on(struct connection *connection, enum output_result result, size_t head_bytes)
{
    bool streams = result == OUTPUT_SENT && connection->request->reply.stream, waits = false;
    if (streams)
        result = send_stream(connection, head_bytes, &waits);
    if (waits)
        wait_for_stream(connection);
    else if (result == OUTPUT_BLOCKED)
        wait_for_client(connection, streams);
    else
        end_writing(connection, result == OUTPUT_SENT ? STAGE_SENT : STAGE_BROKEN);
}

/* False: the file is not small, or is shorter than was said. */
static bool read_small_file(const struct reply *reply, char *out)
{
    return reply->length <= COPIED_BODY_BYTES &&
           pread(reply->file, out, (size_t)reply->length, (off_t)reply->file_at) == (ssize_t)reply->length;
}

/* Sends a head of head_bytes at out, which has as much room as that and COPIED_BODY_BYTES, and the body in memory or in
 * a file. */
static enum output_result send_with_body(struct connection *connection, char *out, size_t head_bytes)
{
    const struct reply *reply = &connection->request->reply;
    if (reply->file >= 0 && read_small_file(reply, out + head_bytes))
        return output_send(connection, out, head_bytes + (size_t)reply->length, &no_body);
    if (reply->file >= 0) {
        const struct output_body file = {.file = reply->file, .at = reply->file_at, .left = reply->length};
        return output_send(connection, out, head_bytes, &file);
    }
    if (reply->body_bytes <= COPIED_BODY_BYTES) {
        memcpy(out + head_bytes, reply->body, reply->body_bytes);
        return output_send(connection, out, head_bytes + reply->body_bytes, &no_body);
    }
    const struct output_body body = {.bytes = reply->body, .left = reply->body_bytes};
    return output_send(connection, out, head_bytes, &body);
}

/* out has the room for the head, and for a small body after it. */
static void write_first(struct connection *connection, const struct head_style *style, char *out)
{
    struct request *request = connection->request;
    struct reply *reply = &request->reply;
    size_t head_bytes = (size_t)(head_writer_write(connection->io_thread, reply, style, out) - out);
    if (!has_body(request, style->framing)) {
        close_stream(reply);
        write_on(connection, output_send(connection, out, head_bytes, &no_body), 0);
    } else if (!reply->stream) {
        write_on(connection, send_with_body(connection, out, head_bytes), 0);
    } else {
        connection_limit_unsent(connection);
        bool together = out == connection->io_thread->scratch;
        write_on(connection, together ? OUTPUT_SENT : output_send(connection, out, head_bytes, &no_body),
                 together ? head_bytes : 0);
    }
}

/* The connection is to end after the reply. */
static bool is_last(const struct connection *connection, enum framing framing)
{
    if (connection->request->reply.status == MHD_HTTP_SWITCHING_PROTOCOLS)
        return false;
    return connection->io_thread->draining || connection->input == INPUT_CLOSING || connection->request->closes ||
           framing == FRAMING_CLOSE;
}

void response_start(struct connection *connection, bool last)
{
    struct io_thread *io_thread = connection->io_thread;
    struct request *request = connection->request;
    struct reply *reply = &request->reply;
    char timing[SERVER_TIMING_BYTES];
    struct head_style style = {.framing = framing_of(request)};
    if (io_thread->routes->config->server_timing)
        style.timing = server_timing_format(request, connection->returned_ns, timing);
    if (reply->fields.lines.length > FIELDS_BYTES_MAX) {
        request_fail(request, "its response has %zu bytes of header fields, at most %d are sent",
                     reply->fields.lines.length, FIELDS_BYTES_MAX);
        style.framing = framing_of(request);
    }
    style.closes = last || is_last(connection, style.framing);
    style.keeps = request->minor_version == 0 && !request->closes;
    if (style.closes && connection->input != INPUT_CLOSING)
        transition_input(connection, INPUT_CLOSING);
    request_stats_count_reply(&io_thread->loop->stats, reply);
    size_t room = head_writer_room(reply, &style) + COPIED_BODY_BYTES + RESPONSE_STREAM_ROOM_MIN;
    char *out = room <= IO_THREAD_SCRATCH_BYTES ? io_thread->scratch : malloc(room);
    if (!out) {
        end_writing(connection, STAGE_BROKEN);
        return;
    }
    write_first(connection, &style, out);
    if (out != io_thread->scratch)
        free(out);
}

enum MHD_Result response_tell(struct connection *connection)
{
    struct io_thread *io_thread = connection->io_thread;
    if (connection->request->reply.status == MHD_HTTP_SWITCHING_PROTOCOLS)
        return websocket_tell(connection);
    return MHD_queue_response(connection->mhd, MHD_HTTP_NO_CONTENT,
                              connection->input == INPUT_CLOSING ? io_thread->closed : io_thread->kept);
}

void response_continue(struct connection *connection)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    enum output_result result = output_send(connection, interim, sizeof interim - 1, &no_body);
    if (result == OUTPUT_BLOCKED)
        (void)output_wait(connection, NULL); /* at the latest, it goes out with the reply */
    else if (result == OUTPUT_FAILED)
        (void)shutdown(connection->fd, SHUT_RDWR); /* a part of it may be out: nothing may follow */
}

/* Returns the stream that the connection is sending. NULL: it is not sending one. */
static struct stream *stream_of(const struct connection *connection)
{
    return connection->stage == STAGE_WRITING ? connection->request->reply.stream : NULL;
}

void response_drain(struct connection *connection)
{
    struct stream *stream = stream_of(connection);
    if (stream && stream->ops->drain)
        stream->ops->drain(stream);
}

void response_give_up(struct connection *connection)
{
    CHECK(connection->stage == STAGE_WRITING);
    (void)shutdown(connection->fd, SHUT_RDWR); /* fails if the client has left already */
    write_and_resume(connection, OUTPUT_FAILED);
}

void response_break(struct connection *connection)
{
    if (connection->stage == STAGE_WRITING && reply_streams(&connection->request->reply))
        response_give_up(connection);
}
