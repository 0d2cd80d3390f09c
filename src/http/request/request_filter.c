#include "http/request/request_filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/clock.h"
#include "http/connection/connection.h"
#include "http/connection/io_thread_state.h"
#include "http/connection/timeouts.h"
#include "http/connection/transition.h"
#include "http/request/body_reader.h"
#include "http/request/refusal.h"

/* Limits the whole heads that are kept for requests that have not begun. Dozens of condensed heads fit into
 * libmicrohttpd's buffer at once. */
enum { HEADS_MAX_BYTES = 64 * 1024 };

static bool head_announces_body(const struct head *head)
{
    return head->chunked || head->content_length > 0;
}

/* libmicrohttpd 1.0 refuses a request of HTTP/1.1 without a Host. Before, one more field cost some 400 instructions. */
#if MHD_VERSION >= 0x01000000
#define CONDENSED_HEAD "GET / HTTP/1.1\r\nHost:\r\n"
#else
#define CONDENSED_HEAD "GET / HTTP/1.1\r\n"
#endif

/* Puts the condensed head. */
static void condense_head(struct pending_bytes *pending_bytes, const struct head *head)
{
    PENDING_BYTES_PUT_LITERAL(pending_bytes, CONDENSED_HEAD);
    if (head_announces_body(head))
        PENDING_BYTES_PUT_LITERAL(pending_bytes, "Content-Length:1\r\n"); /* see request_filter.h */
    PENDING_BYTES_PUT_LITERAL(pending_bytes, "\r\n");
}

/* Makes the span a string inside the request's copy of the head. The byte after the span is only punctuation, so it is
 * overwritten. */
static const char *string_at(char *head, struct span span)
{
    head[span.at + span.length] = '\0';
    return head + span.at;
}

/* True if the request is a websocket handshake (RFC 6455, 4.1). Any other request that names the protocol is served as
 * HTTP, which RFC 9110, 7.8 allows. */
static bool asks_websocket(const struct head *head, const struct request *request)
{
    return head->websocket && head->upgrade && head->minor_version == 1 && !head_announces_body(head) &&
           strcmp(request->method, "GET") == 0;
}

/* Takes the whole head at bytes: copies it into a request for its handler, and condenses it for libmicrohttpd. */
static void take_head(struct connection *connection, const char *bytes)
{
    struct io_thread *io_thread = connection->io_thread;
    const struct head *head = &connection->head;
    uint64_t max_body = io_thread->routes->config->max_body_bytes;
    if (head->has_content_length && head->content_length > max_body) {
        connection_refuse(connection, 413, REFUSED_BODY_TOO_LARGE, "the request body is over --max-body");
        return;
    }
    struct request *request = request_new(io_thread->loop, head->bytes);
    if (!request) {
        connection_out_of_memory(connection);
        return;
    }
    memcpy(request->head, bytes, head->bytes);
    condense_head(&connection->pending_bytes, head);
    request->method = string_at(request->head, head->method);
    request->target = string_at(request->head, head->target);
    if (head->content_type.length)
        request->content_type = string_at(request->head, head->content_type);
    request->minor_version = head->minor_version;
    request->fields_at = head->fields_at;
    request->body_announced = head->content_length;
    request->body_follows = head_announces_body(head);
    request->expects_continue = head->expects_continue;
    request->closes = head->close || (head->minor_version == 0 && !head->keep_alive);
    request->asks_websocket = asks_websocket(head, request);
    if (request->asks_websocket)
        transition_input(connection, INPUT_UPGRADING);
    request->received_ns = clock_ns();
    if (connection->stage == STAGE_NONE && connection->heads.count == 0 && !request->body_follows)
        request->submitted_ns = request->received_ns; /* this daemon run submits it: one reading will do for both */
    request_list_push(&connection->heads, request);
    connection->heads_bytes += request->head_bytes;

    if (head->chunked)
        body_framing_chunked(&connection->body_framing, max_body);
    else
        body_framing_length(&connection->body_framing, head->content_length);
    if (request->body_follows)
        connection->filling = request;
    else
        connection->whole++;
}

/* Takes a head if in has a whole one. Returns how many bytes of in were used up. */
static size_t pass_head(struct connection *connection, const char *in, size_t in_bytes)
{
    struct head_refusal refusal;
    switch (
        head_scan(&connection->head, in, in_bytes, connection->io_thread->routes->config->max_header_bytes, &refusal)) {
    case HEAD_PARTIAL:
        /* The first bytes of the next head end the idle time. Blank lines before the head do not count. */
        if (head_has_begun(&connection->head, in_bytes) &&
            (connection->timeout == TIMEOUT_IDLE || connection->timeout == TIMEOUT_SETTLED))
            timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_HEADER, clock_ns());
        return 0;
    case HEAD_REFUSED:
        connection_refuse(connection, refusal.status,
                          refusal.status == 431   ? REFUSED_HEADER_TOO_LARGE
                          : refusal.status == 413 ? REFUSED_BODY_TOO_LARGE
                                                  : REFUSED_MALFORMED,
                          refusal.reason);
        return 0;
    default:
        take_head(connection, in);
        size_t used = connection->head.bytes;
        connection->head = (struct head){0};
        return used;
    }
}

/* Passes on as much of in as possible. *out_bytes is the room in out, and then the number of bytes put. Returns how
 * many bytes of in were used up. */
static size_t pass(struct connection *connection, const char *in, size_t in_bytes, char *out, size_t *out_bytes)
{
    size_t used = 0, put = 0;
    while (connection->input != INPUT_REFUSED && connection->input != INPUT_PAUSED) {
        put += pending_bytes_take(&connection->pending_bytes, out + put, *out_bytes - put);
        if (used == in_bytes || put == *out_bytes)
            break;
        if (connection->body_framing.state != BODY_FRAMING_NONE) {
            used += body_take(connection, in + used, in_bytes - used);
            continue;
        }
        connection->heads_full = connection->heads_bytes >= HEADS_MAX_BYTES;
        if (connection->heads_full || connection->input == INPUT_UPGRADING)
            break;
        size_t head_bytes = pass_head(connection, in + used, in_bytes - used);
        used += head_bytes;
        if (head_bytes == 0)
            break;
    }
    *out_bytes = put;
    return used;
}

/* Reads once and passes on as much as possible. *out_bytes is the room in out, and then the number of bytes put.
 * Returns the result of recv(2); -1 also if memory ran out, after refusing the connection. */
static ssize_t read_and_pass(struct connection *connection, char *out, size_t *out_bytes)
{
    struct buf *held = &connection->held;
    bool fresh = held->length == 0;
    size_t room = *out_bytes;
    *out_bytes = 0;
    if (!fresh && buf_reserve(held, IO_THREAD_SCRATCH_BYTES)) {
        connection_out_of_memory(connection);
        return -1;
    }
    char *in = fresh ? connection->io_thread->scratch : held->bytes;
    ssize_t got = recvfrom(connection->fd, in + held->length, IO_THREAD_SCRATCH_BYTES, 0, NULL, NULL);
    if (got <= 0)
        return got;
    size_t in_bytes = held->length + (size_t)got;
    size_t used = pass(connection, in, in_bytes, out, &room);
    *out_bytes = room;
    if (!fresh) {
        held->length = in_bytes;
        buf_consume(held, used);
    } else if (used < in_bytes && buf_append(held, in + used, in_bytes - used)) {
        connection_out_of_memory(connection);
    }
    return got;
}

/* True if bytes are read from the socket. */
static bool is_read(const struct connection *connection)
{
    return connection->input == INPUT_OPEN || connection->input == INPUT_UNTHROTTLED;
}

/* Ends the input, after the whole requests before the end, and after the refusal, if there is one. */
static ssize_t end_input(struct connection *connection)
{
    if (connection->input == INPUT_REFUSED) {
        bool unsent = connection->fault.status ? refusal_send(connection) : connection->output.head.length > 0;
        connection_linger(connection);
        if (unsent) {
            errno = EAGAIN;
            return -1;
        }
    }
    transition_input(connection, INPUT_CLOSING);
    return 0;
}

static bool between_requests(const struct connection *connection)
{
    return connection->held.length == 0 && connection->body_framing.state == BODY_FRAMING_NONE;
}

/* Passes on the held bytes, then bytes from the socket, until out is full or there are no more. Returns the number of
 * bytes put; -1 if none were put and the socket failed. If memory ran out, the connection is refused. */
static ssize_t fill(struct connection *connection, char *out, size_t out_bytes)
{
    size_t put = 0, read_bytes = 0;
    bool drained = false;
    connection->heads_full = false;
    if (connection->held.length || connection->pending_bytes.length) {
        put = out_bytes;
        buf_consume(&connection->held, pass(connection, connection->held.bytes, connection->held.length, out, &put));
        if (connection->held.length == 0)
            buf_free(&connection->held);
    }
    while (put < out_bytes && is_read(connection) && !drained && !connection->heads_full) {
        if (read_bytes >= body_read_bytes(connection)) {
            connection_kick(connection); /* there may be more, but there are other connections */
            break;
        }
        bool into_body = body_reads_directly(connection);
        size_t room = into_body ? 0 : out_bytes - put;
        ssize_t got = into_body ? body_read(connection) : read_and_pass(connection, out + put, &room);
        read_bytes += got > 0 ? (size_t)got : 0;
        if (got < 0 && connection->input != INPUT_REFUSED && errno != EAGAIN && errno != EINTR && put == 0)
            return -1;
        if (got == 0)
            transition_input(connection, INPUT_ENDED);
        /* Within a request, one more read is worth its price: the client may have left. */
        drained = got < 0 || (got < IO_THREAD_SCRATCH_BYTES && between_requests(connection));
        put += room;
        put += pending_bytes_take(&connection->pending_bytes, out + put, out_bytes - put);
    }
    /* An I/O thread that drains takes the requests whose heads have come. It drops an incomplete head. */
    if (drained && connection->io_thread->draining && connection->input == INPUT_OPEN &&
        connection->body_framing.state == BODY_FRAMING_NONE)
        transition_input(connection, INPUT_ENDED);
    return (ssize_t)put;
}

ssize_t request_filter_recv(struct connection *connection, char *out, size_t out_bytes)
{
    if (connection->input == INPUT_CUT)
        return body_cut(connection, out, out_bytes);
    if (connection->input == INPUT_CLOSING)
        return 0;
    /* Bytes already synthesised for a complete request are still delivered. */
    ssize_t put = connection->input == INPUT_REFUSED
                      ? (ssize_t)pending_bytes_take(&connection->pending_bytes, out, out_bytes)
                      : fill(connection, out, out_bytes);
    if (put < 0)
        return -1;
    if (connection->input != INPUT_REFUSED && connection->input != INPUT_ENDED) {
        if (put == 0)
            errno = EAGAIN;
        return put ? put : -1;
    }
    /* If whole requests precede the end, libmicrohttpd gets them now. A kick lets it learn of the end later, since
     * epoll has nothing new to report. Otherwise, the bytes put belong to a request that will never be whole, and are
     * not needed. */
    if (connection->whole == 0)
        return end_input(connection);
    connection_kick(connection);
    if (put == 0)
        errno = EAGAIN;
    return put ? put : -1;
}

struct request *request_filter_next(struct connection *connection)
{
    struct request *request = request_list_pop(&connection->heads);
    CHECK(request);
    connection->heads_bytes -= request->head_bytes;
    return request;
}

void request_filter_completed(struct connection *connection, bool last)
{
    /* A read may have stopped at its limit in the body of a later request, and its kick came to nothing meanwhile. */
    bool held_back = connection->heads_full || connection->filling || connection->input == INPUT_UPGRADING;
    if (connection->whole > 0)
        connection->whole--;
    if (last || connection->io_thread->draining) {
        connection_close(connection); /* its kick makes libmicrohttpd clean the connection up after an abort, too */
        return;
    }
    if (connection->input == INPUT_UPGRADING && connection->heads.count == 0)
        transition_input(connection, INPUT_OPEN); /* the request was answered as any other */
    if (held_back || connection->input != INPUT_OPEN)
        connection_kick(connection);
}

void request_filter_take_held(struct connection *connection, struct buf *out)
{
    *out = connection->held;
    connection->held = (struct buf){0};
}

bool request_filter_has_begun_head(const struct connection *connection)
{
    return head_has_begun(&connection->head, connection->held.length);
}

void request_filter_free(struct connection *connection)
{
    struct request *request;
    while ((request = request_list_pop(&connection->heads)))
        request_free(request);
    buf_free(&connection->held);
}
