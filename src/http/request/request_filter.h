/* The request filter: stands between the socket and libmicrohttpd.
 *
 * libmicrohttpd reads a connection by recv(2). This executable defines that symbol (http/wire/interpose.h), so reads
 * from its connections come here. The filter reads the socket, checks every head (head_parser.h) and follows every body
 * (body_framing.h). It keeps the head for the request and its handler. It passes a condensed head to libmicrohttpd,
 * which has only what libmicrohttpd must know: whether there is a body. The body itself goes past libmicrohttpd,
 * straight into the request. libmicrohttpd is told of a body of one byte, and gets that byte when the real body is
 * whole.
 *
 * docs/http.md gives the reasons and the measurements. In short:
 *
 *  - Malformed requests that libmicrohttpd accepts, or drops without an answer, get a 400 as JSON and are counted.
 *  - 408, 413 and 431 are exact. A request that is refused for its head costs no memory and reaches no model.
 *  - libmicrohttpd clears its whole memory pool after each request. With condensed heads, 1 KiB suffices.
 *
 * libmicrohttpd takes a read that did not fill its buffer as a sign that the socket is drained, and then waits for
 * epoll. So the filter returns fewer bytes than asked for only if the socket is drained and the filter holds nothing to
 * pass on. Wherever it must stop earlier, connection_kick makes libmicrohttpd read again. */
#ifndef TANDEM_HTTP_REQUEST_REQUEST_FILTER_H
#define TANDEM_HTTP_REQUEST_REQUEST_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct connection;
struct request;

/* LOOP. Replaces recv(2) for libmicrohttpd. Returns the number of bytes put into out; 0 at the end of input; -1 and
 * errno on failure (EAGAIN: nothing for now). */
ssize_t request_filter_recv(struct connection *connection, char *out, size_t out_bytes);

/* LOOP. Returns the request that libmicrohttpd begins now, which must exist: they come in the order of their heads. The
 * caller owns it. */
struct request *request_filter_next(struct connection *connection);

/* LOOP. A request is completed, and its body was dropped if it was still coming in (body_drop). Makes libmicrohttpd
 * read again if there may be more that epoll does not report. last: the exchange was aborted, or HTTP has ended by a
 * 101. */
void request_filter_completed(struct connection *connection, bool last);

/* LOOP. Moves the bytes that the filter holds to *out: HTTP has ended on the connection. */
void request_filter_take_held(struct connection *connection, struct buf *out);

/* LOOP. True if the filter holds the beginning of a head. Blank lines before a head do not count. */
bool request_filter_has_begun_head(const struct connection *connection);

/* LOOP, when the connection ends. Frees the bytes and the requests that the filter holds. */
void request_filter_free(struct connection *connection);

#endif
