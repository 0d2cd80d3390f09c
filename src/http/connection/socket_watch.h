/* One event of a connection's socket, by libuv: that the client has left, or that the kernel takes more bytes. libuv
 * allows one active handle per socket, so a new watch takes the place of the one before. While a watch runs,
 * libmicrohttpd has suspended the connection, or waits for something else. LOOP only. */
#ifndef TANDEM_HTTP_CONNECTION_SOCKET_WATCH_H
#define TANDEM_HTTP_CONNECTION_SOCKET_WATCH_H

#include <stdbool.h>
#include <uv.h>

#include "http/connection/connection.h"

/* Calls on_event, with the connection as the handle's data, at each of the events (enum uv_poll_event), until
 * socket_watch_stop. A reset comes as a negative status. False: memory ran out. */
bool socket_watch_start(struct connection *connection, int events, uv_poll_cb on_event);

void socket_watch_stop(struct connection *connection);

/* In NOTIFY_CONNECTION. Frees the handle. */
void socket_watch_free(struct connection *connection);

#endif
