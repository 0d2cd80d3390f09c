/* A reply written to the socket past libmicrohttpd: for what the guard refuses before libmicrohttpd knows of it. */
#ifndef TANDEM_HTTP_RAW_REPLY_H
#define TANDEM_HTTP_RAW_REPLY_H

struct connection;
struct fault;

/* LOOP, libmicrohttpd sending nothing on the connection. Sends the refusal as a whole response that closes the
 * connection, as far as the socket takes it without waiting, and counts it. */
void raw_reply_send(struct connection *connection, const struct fault *fault);

#endif
