/* The opening handshake of a websocket: RFC 6455, 4.2. That it is one the guard has seen: GET, HTTP/1.1, no body,
 * "Upgrade: websocket", "Connection: Upgrade". */
#ifndef TANDEM_HTTP_HANDSHAKE_H
#define TANDEM_HTTP_HANDSHAKE_H

#include <stdbool.h>

#include "core/request.h"

enum { HANDSHAKE_ACCEPT_BYTES = 29 }; /* the NUL included */

/* LOOP. Whether its version and its key are right; else its reply is written: 426 or 400. */
bool handshake_check(struct request *request);

/* LOOP. What Sec-WebSocket-Accept says to the key, of a request that was checked. False: OpenSSL cannot. */
bool handshake_accept(const struct request *request, char out[HANDSHAKE_ACCEPT_BYTES]);

#endif
