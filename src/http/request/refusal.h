/* A reply that is written to the socket past libmicrohttpd. The request filter uses it for requests that it refuses,
 * which libmicrohttpd has not got whole, or not at all. */
#ifndef TANDEM_HTTP_REQUEST_REFUSAL_H
#define TANDEM_HTTP_REQUEST_REFUSAL_H

struct connection;

/* LOOP, while libmicrohttpd sends nothing on the connection. Sends the connection's refusal (its fault) as a whole
 * response with "Connection: close", as far as the socket takes it without waiting. Counts it. The caller closes the
 * connection. */
void refusal_send(struct connection *connection);

#endif
