/* The opening handshake of a websocket: RFC 6455, 4.2. The request filter has already checked that the request is one:
 * GET, HTTP/1.1, no body, "Upgrade: websocket", "Connection: Upgrade". */
#ifndef TANDEM_HTTP_WEBSOCKET_HANDSHAKE_H
#define TANDEM_HTTP_WEBSOCKET_HANDSHAKE_H

#include <stdbool.h>

#include "core/request.h"

enum { HANDSHAKE_ACCEPT_BYTES = 29 }; /* the NUL included */

/* LOOP. True if the request's version and key are valid; else writes its reply, a 426 or 400. */
bool handshake_check(struct request *request);

/* LOOP. Computes the value of Sec-WebSocket-Accept for a request that was checked. False: OpenSSL failed. */
bool handshake_accept(const struct request *request, char out[HANDSHAKE_ACCEPT_BYTES]);

#endif
