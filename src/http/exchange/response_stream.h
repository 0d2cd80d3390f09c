/* Sends a reply's stream (core/stream.h): libmicrohttpd pulls it piece by piece. A stream of unknown length goes out
 * chunked; for HTTP/1.0 clients and HEAD, the close of the connection ends it. LOOP only.
 *
 * While the stream has nothing, the connection is suspended. The callback must not return 0 bytes otherwise:
 * libmicrohttpd 0.9.75 would call it again at once, in an endless loop. Each piece has a time limit of its own
 * (TIMEOUT_WRITE); no limit runs while the stream has nothing. */
#ifndef TANDEM_HTTP_EXCHANGE_RESPONSE_STREAM_H
#define TANDEM_HTTP_EXCHANGE_RESPONSE_STREAM_H

#include "http/connection/connection.h"

/* Returns a response that sends the stream of the connection's reply. The caller owns it. NULL: memory ran out. */
struct MHD_Response *response_stream_new(struct connection *connection);

/* The server drains: asks the stream that the connection is sending, if any, to end soon. */
void response_stream_drain(struct connection *connection);

/* Breaks off the stream that the connection is sending, if any. The client sees that the stream is incomplete. */
void response_stream_break(struct connection *connection);

#endif
