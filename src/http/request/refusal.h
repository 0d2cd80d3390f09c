/* A reply to a request that the request filter refuses, which libmicrohttpd has not got whole, or not at all. */
#ifndef TANDEM_HTTP_REQUEST_REFUSAL_H
#define TANDEM_HTTP_REQUEST_REFUSAL_H

#include <stdbool.h>

struct connection;

/* LOOP, while no reply goes out on the connection. Sends the connection's refusal (its fault) as a whole response with
 * "Connection: close", and counts it. True: the kernel has not taken all of it. Then the connection is kicked once it
 * has, or once the client has left; TIMEOUT_WRITE runs meanwhile. */
bool refusal_send(struct connection *connection);

#endif
