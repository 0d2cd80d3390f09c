/* Websockets: RFC 6455, on a connection that libmicrohttpd has let go of, between its client and the channel
 * (core/channel.h) of a handler. LOOP only.
 *
 * Its request is a request like any other up to its reply: 101, or a refusal. Behind a 101 libmicrohttpd keeps the
 * connection, suspended, and the socket is under uv_poll; the request is completed when the websocket ends, as that of
 * a stream is. Nothing waits without a limit:
 *  - while the client takes nothing, no message is taken from the handler; while the handler takes nothing, no byte is
 *    read from the client; while the client does not take pongs, neither.
 *  - a client that does not answer a ping is cut off, and so is one that does not answer a close.
 *
 * Messages go out in fragments of 16 KiB, so that control frames do not wait for the end of a large one. */
#ifndef TANDEM_HTTP_WEBSOCKET_H
#define TANDEM_HTTP_WEBSOCKET_H

#include <microhttpd.h>

struct connection;

enum {
    WEBSOCKET_MESSAGE_MAX = 16 * 1024 * 1024, /* bytes from a client */
};

/* The connection's request, which asks for a websocket, has been routed. Where its handler takes websockets it gets a
 * channel, or a reply that refuses; elsewhere it stays a request like any other. */
void websocket_begin(struct connection *connection);

/* The response for its reply of 101. NULL where memory ran out. */
struct MHD_Response *websocket_response(struct connection *connection);

/* The connection's request ends, or is given up. A websocket that was not opened is none any more. */
void websocket_discard(struct connection *connection);

/* The server drains: the websocket that the connection has, if it has, is closed. */
void websocket_drain(struct connection *connection);

#endif
