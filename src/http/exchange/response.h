/* Hands a reply to libmicrohttpd, which sends it. */
#ifndef TANDEM_HTTP_EXCHANGE_RESPONSE_H
#define TANDEM_HTTP_EXCHANGE_RESPONSE_H

#include <microhttpd.h>

#include "core/reply.h"
#include "http/connection/connection.h"

/* LOOP, inside the access handler. Queues the reply to the connection's request, and counts it. Borrows the reply until
 * the request is completed. If the I/O thread drains or the connection is closing, the connection ends after the reply,
 * unless that is a 101. A reply whose header fields are too long is replaced by an error. MHD_NO: no response could
 * be made, as when memory ran out; libmicrohttpd closes the connection. */
enum MHD_Result response_send(struct connection *connection);

#endif
