/* The disconnect watch: notices that the client of a mount leaves while libmicrohttpd has suspended its connection, and
 * so does not look at it. Meanwhile the request waits for an answer, or the stream for its next piece. LOOP only.
 *
 * After a reset the connection is closed, and the answer is no longer wanted. A FIN says less: the client may have
 * closed only its sending side, and still read (RFC 9293, 3.6: half-closed). So the handler is told, and its answer is
 * still sent. */
#ifndef TANDEM_HTTP_CONNECTION_DISCONNECT_WATCH_H
#define TANDEM_HTTP_CONNECTION_DISCONNECT_WATCH_H

#include <uv.h>

struct connection;

/* Starts the watch: the connection was suspended. Costs a system call, and the end of the watch one more. If memory
 * runs out, logs that and does not watch. on_disconnect gets the connection as poll->data: status < 0 is a reset, 0 the
 * end of the client's side. It must end the watch. */
void disconnect_watch_watch(struct connection *connection, uv_poll_cb on_disconnect);

/* Ends the watch, if there is one: the connection is libmicrohttpd's again. */
void disconnect_watch_unwatch(struct connection *connection);

#endif
