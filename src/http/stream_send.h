/* A reply's stream (core/stream.h) on its way out: libmicrohttpd pulls it piece by piece and sends it chunked, to
 * clients of HTTP/1.0 up to the close. LOOP only.
 *
 * Where the stream has nothing yet the connection is suspended, as the callback must not return without a byte
 * otherwise: libmicrohttpd 0.9.75 would call it again at once, for ever. Each piece has a time limit of its own
 * (DEADLINE_WRITE), and none runs while the stream has nothing. */
#ifndef TANDEM_HTTP_STREAM_SEND_H
#define TANDEM_HTTP_STREAM_SEND_H

#include "http/connection.h"

/* A response that sends the stream of the connection's reply. NULL where memory ran out. */
struct MHD_Response *stream_response(struct connection *connection);

/* The server drains: the stream that the connection is sending, if it is, ends soon. */
void stream_drain(struct connection *connection);

/* The stream that the connection is sending, if it is, is broken off now, which its client sees. */
void stream_break(struct connection *connection);

#endif
