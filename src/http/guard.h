/* The guard: stands between the socket and libmicrohttpd.
 *
 * libmicrohttpd reads a connection by recv(2). This executable defines that symbol (recv.c), and for the sockets of its
 * connections a read comes here. The guard reads the socket, checks every head (head.h) and follows every body
 * (framing.h), keeps the head for the request and its handler, and passes on to libmicrohttpd a head cut down to what
 * that has to know: method, version, keep-alive, and whether there is a body. The body itself goes
 * beside libmicrohttpd, straight into the request: what libmicrohttpd sees is a body of one byte, which the guard lets
 * it have when the body is whole. Why, with the measurements: docs/http.md. In short:
 *
 *  - what libmicrohttpd accepts or closes without a word on (docs lists it) is answered 400, as JSON, with its counter;
 *  - 408, 413 and 431 are exact, and are sent before any memory or model is spent on the request;
 *  - libmicrohttpd clears its whole memory pool after each request: with heads of a few dozen bytes 8 KiB of it do,
 * however long the heads are that clients send.
 *
 * How much is passed on matters: libmicrohttpd takes a read that did not fill its buffer for a drained socket, and
 * waits for epoll then. So the guard returns less than was asked for only where the socket is drained and nothing is
 * held. */
#ifndef TANDEM_HTTP_GUARD_H
#define TANDEM_HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct connection;

/* LOOP. As recv(2): bytes for libmicrohttpd, 0 at the end of input, -1 and errno (EAGAIN: nothing now). */
ssize_t guard_recv(struct connection *connection, char *out, size_t out_bytes);

/* LOOP. Whether it holds the beginning of a head; blank lines before one are none of it. */
bool guard_has_begun_head(const struct connection *connection);

/* LOOP, with the connection. Frees what the guard holds. */
void guard_free(struct connection *connection);

#endif
