#include "http/guard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/clock.h"
#include "http/body.h"
#include "http/connection.h"
#include "http/deadline.h"
#include "http/front.h"
#include "http/raw_reply.h"

/* Condensed heads are so short that hundreds of requests fit into libmicrohttpd's buffer; their whole heads are kept.
 */
enum { HEADS_MAX_BYTES = 64 * 1024 };

static bool head_announces_body(const struct head *head)
{
    return head->chunked || head->content_length > 0;
}

/* What libmicrohttpd has to know of a head, at most 180 bytes. */
static void condense_head(struct aside *aside, const struct head *head, const char *bytes)
{
    aside_put(aside, bytes + head->method.at, head->method.length);
    if (head->minor_version)
        ASIDE_PUT_LITERAL(aside, " / HTTP/1.1\r\nHost:\r\n");
    else
        ASIDE_PUT_LITERAL(aside, " / HTTP/1.0\r\n");
    if (head_announces_body(head))
        ASIDE_PUT_LITERAL(aside, "Content-Length:1\r\n"); /* a token: see guard.h */
    if (head->close)
        ASIDE_PUT_LITERAL(aside, "Connection:close\r\n");
    else if (head->keep_alive)
        ASIDE_PUT_LITERAL(aside, "Connection:Keep-Alive\r\n");
    if (head->expects_continue)
        ASIDE_PUT_LITERAL(aside, "Expect:100-continue\r\n");
    ASIDE_PUT_LITERAL(aside, "\r\n");
}

/* The span as a string inside the request's copy of the head; the byte behind it is punctuation. */
static const char *string_at(char *head, struct span span)
{
    head[span.at + span.length] = '\0';
    return head + span.at;
}

/* RFC 6455, 4.1; anything else that names the protocol is HTTP, as RFC 9110, 7.8 lets it be. */
static bool asks_websocket(const struct head *head, const struct request *request)
{
    return head->websocket && head->upgrade && head->minor_version == 1 && !head_announces_body(head) &&
           strcmp(request->method, "GET") == 0;
}

/* Takes the whole head at bytes: into a request for its handler, and condensed for libmicrohttpd. */
static void take_head(struct connection *connection, const char *bytes)
{
    struct front *front = connection->front;
    const struct head *head = &connection->head;
    uint64_t max_body = front->site->config->max_body_bytes;
    if (head->has_content_length && head->content_length > max_body) {
        connection_refuse(connection, 413, REFUSED_BODY_TOO_LARGE, "the request body is over --max-body");
        return;
    }
    struct request *request = request_new(front->loop, head->bytes);
    if (!request) {
        connection_out_of_memory(connection);
        return;
    }
    memcpy(request->head, bytes, head->bytes);
    condense_head(&connection->aside, head, bytes);
    request->method = string_at(request->head, head->method);
    request->target = string_at(request->head, head->target);
    if (head->content_type.length)
        request->content_type = string_at(request->head, head->content_type);
    request->minor_version = head->minor_version;
    request->fields_at = head->fields_at;
    request->body_announced = head->content_length;
    request->body_follows = head_announces_body(head);
    request->expects_continue = head->expects_continue;
    connection->upgrading = request->asks_websocket = asks_websocket(head, request);
    request->received_ns = clock_ns();
    request_list_push(&connection->heads, request);
    connection->heads_bytes += request->head_bytes;

    if (head->chunked)
        framing_chunked(&connection->framing, max_body);
    else
        framing_length(&connection->framing, head->content_length);
    if (request->body_follows)
        connection->filling = request;
    else
        connection->whole++;
}

/* Returns how many bytes of in were used up. */
static size_t pass_head(struct connection *connection, const char *in, size_t in_bytes)
{
    struct head_refusal refusal;
    switch (head_scan(&connection->head, in, in_bytes, connection->front->site->config->max_header_bytes, &refusal)) {
    case HEAD_PARTIAL:
        /* The first bytes of the next head end the idle time; blank lines before it are none of it. */
        if (in_bytes > connection->head.line &&
            (connection->deadline == DEADLINE_IDLE || connection->deadline == DEADLINE_SETTLED))
            deadline_set(&connection->front->deadlines, connection, DEADLINE_HEADER, clock_ns());
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

/* Passes on what it can of in; *out_bytes: room, then bytes put. Returns the bytes of in used up. */
static size_t pass(struct connection *connection, const char *in, size_t in_bytes, char *out, size_t *out_bytes)
{
    size_t used = 0, put = 0;
    while (!connection->fault.status && !connection->paused) {
        put += aside_take(&connection->aside, out + put, *out_bytes - put);
        if (used == in_bytes || put == *out_bytes)
            break;
        if (connection->framing.state != FRAMING_NONE) {
            used += body_take(connection, in + used, in_bytes - used);
            continue;
        }
        connection->heads_full = connection->upgrading || connection->heads_bytes >= HEADS_MAX_BYTES;
        if (connection->heads_full)
            break;
        size_t head_bytes = pass_head(connection, in + used, in_bytes - used);
        used += head_bytes;
        if (head_bytes == 0)
            break;
    }
    *out_bytes = put;
    return used;
}

/* Reads once and passes on what it can. Returns what recv did; *out_bytes: room, then bytes put. */
static ssize_t read_and_pass(struct connection *connection, char *out, size_t *out_bytes)
{
    struct buf *held = &connection->held;
    bool fresh = held->length == 0;
    size_t room = *out_bytes;
    *out_bytes = 0;
    if (!fresh && buf_reserve(held, FRONT_SCRATCH_BYTES)) {
        connection_out_of_memory(connection);
        return -1;
    }
    char *in = fresh ? connection->front->scratch : held->bytes;
    ssize_t got = recvfrom(connection->fd, in + held->length, FRONT_SCRATCH_BYTES, 0, NULL, NULL);
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

/* Nothing more will come: sends the refusal, if there is one. */
static ssize_t end_input(struct connection *connection)
{
    if (connection->fault.status) {
        raw_reply_send(connection, &connection->fault);
        connection->fault.status = 0;
        connection->linger = true;
    }
    connection->closing = true;
    return 0;
}

static bool between_requests(const struct connection *connection)
{
    return connection->held.length == 0 && connection->framing.state == FRAMING_NONE;
}

/* Passes on what is held, then what can be read, until out is full or there is no more. Returns the bytes put; -1 where
 * the socket failed. */
static ssize_t fill(struct connection *connection, char *out, size_t out_bytes)
{
    size_t put = 0, read_bytes = 0;
    bool drained = false;
    connection->heads_full = false;
    if (connection->held.length || connection->aside.length) {
        put = out_bytes;
        buf_consume(&connection->held, pass(connection, connection->held.bytes, connection->held.length, out, &put));
        if (connection->held.length == 0)
            buf_free(&connection->held);
    }
    while (put < out_bytes && !connection->fault.status && !connection->end_of_input && !drained &&
           !connection->heads_full && !connection->paused) {
        if (read_bytes >= body_read_bytes(connection)) {
            connection_kick(connection); /* there may be more, but there are other connections */
            break;
        }
        bool into_body = body_reads_directly(connection);
        size_t room = into_body ? 0 : out_bytes - put;
        ssize_t got = into_body ? body_read(connection) : read_and_pass(connection, out + put, &room);
        read_bytes += got > 0 ? (size_t)got : 0;
        if (got < 0 && errno != EAGAIN && errno != EINTR && put == 0)
            return -1;
        connection->end_of_input = got == 0;
        /* In the middle of a request one read more is worth its price: its client may have left. */
        drained = got < 0 || (got < FRONT_SCRATCH_BYTES && between_requests(connection));
        put += room;
        put += aside_take(&connection->aside, out + put, out_bytes - put);
    }
    /* A front that drains takes the requests that have come, and no part of a further one. */
    if (drained && connection->front->draining && connection->framing.state == FRAMING_NONE)
        connection->end_of_input = true;
    return (ssize_t)put;
}

ssize_t guard_recv(struct connection *connection, char *out, size_t out_bytes)
{
    if (connection->cut)
        return body_cut(connection, out, out_bytes);
    if (connection->closing)
        return 0;
    /* What of a whole request was put aside still goes out. */
    ssize_t put = connection->fault.status ? (ssize_t)aside_take(&connection->aside, out, out_bytes)
                                           : fill(connection, out, out_bytes);
    if (put < 0)
        return -1;
    if (!connection->fault.status && !connection->end_of_input) {
        if (put == 0)
            errno = EAGAIN;
        return put ? put : -1;
    }
    /* Where whole requests go before the end, libmicrohttpd gets those now, and learns of the end by a kick, since
     * epoll has nothing new to say. Otherwise what was put belongs to a request that will never be whole, and is not
     * needed. */
    if (connection->whole == 0)
        return end_input(connection);
    connection_kick(connection);
    if (put == 0)
        errno = EAGAIN;
    return put ? put : -1;
}

bool guard_has_begun_head(const struct connection *connection)
{
    return connection->held.length > connection->head.line;
}

void guard_free(struct connection *connection)
{
    struct request *request;
    while ((request = request_list_pop(&connection->heads)))
        request_free(request);
    buf_free(&connection->held);
}
