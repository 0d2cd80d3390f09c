/* Websockets (RFC 6455): messages between a client, whose socket libmicrohttpd has let go of, and the channel of a
 * handler (stream/ws_channel.h). LOOP only.
 *
 * Up to its reply, a 101 or a refusal, the request is like any other. After a 101 libmicrohttpd keeps the connection
 * suspended, and uv_poll watches the socket. The request is completed when the websocket ends, like the request of a
 * stream. Memory and time are bounded:
 *  - While the client takes nothing, no message is taken from the handler. While the handler takes nothing, or the
 *    client does not take its pongs, no byte is read from the client.
 *  - A client that does not answer a ping, or a close, is cut off.
 *
 * Messages go out in fragments of 16 KiB, so that control frames need not wait for the end of a large message. */
#ifndef TANDEM_HTTP_WEBSOCKET_WEBSOCKET_H
#define TANDEM_HTTP_WEBSOCKET_WEBSOCKET_H

#include <microhttpd.h>
#include <stdbool.h>

struct connection;

enum {
    WEBSOCKET_MESSAGE_MAX = 16 * 1024 * 1024, /* bytes from a client */
};

/* After routing, for a connection whose request asks for a websocket. If the handler takes websockets, gives the
 * request a channel, or refuses: writes a 400, 426 or 503. Otherwise the request stays like any other. */
void websocket_begin(struct connection *connection);

/* Adds the fields that accept the handshake to the reply, a 101. False: memory ran out, or OpenSSL failed. */
bool websocket_accept(struct connection *connection);

/* Inside the access handler: the 101 is sent. Makes libmicrohttpd let go of the socket, and opens the websocket.
 * MHD_NO: memory ran out. */
enum MHD_Result websocket_tell(struct connection *connection);

/* The connection's request ends, or is given up: frees its websocket, if there is one that was not opened. */
void websocket_discard(struct connection *connection);

/* The server drains: closes the connection's websocket, if there is an open one. */
void websocket_drain(struct connection *connection);

#endif
