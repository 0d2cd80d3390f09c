/* Hang-ups: the client of a mount leaves while libmicrohttpd has put its connection aside, and so looks at it no more:
 * its request waits for an answer, or its stream for the next piece. LOOP only.
 *
 * A reset is the end: the connection is closed, and the answer not wanted any more. A FIN says less: the client may
 * have closed, or only its sending side, and still read (RFC 9293, 3.6: half-closed); so its handler is told, and what
 * that answers is sent. */
#ifndef TANDEM_HTTP_HANGUP_H
#define TANDEM_HTTP_HANGUP_H

struct connection;

/* The connection has been put aside. Costs a system call, and one more for the end of it. */
void hangup_watch(struct connection *connection);

/* It is libmicrohttpd's again. */
void hangup_unwatch(struct connection *connection);

/* With the connection, whose socket is still open. */
void hangup_free(struct connection *connection);

#endif
