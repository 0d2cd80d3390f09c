/* The listener: one listening socket, accepted from on one loop, for all fronts.
 *
 * libmicrohttpd could listen by itself; but at its connection limit it does not look at the socket again when a
 * connection closes, and several daemons on one socket share its connections unevenly. */
#ifndef TANDEM_HTTP_LISTENER_H
#define TANDEM_HTTP_LISTENER_H

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"
#include "core/config.h"

struct front;

struct listener {
    int fd;
    bool paused; /* as many connections are open as may be; the next ones wait in the backlog */
    char url[128];
    uv_poll_t poll;
    struct front *front;
    uint64_t max_connections;
};

/* The thread of loop, which is not running. Binds and listens; clients that connect now wait to be accepted. On error
 * nothing is left, and err_message() names --host or --port. */
WARN_UNUSED enum err listener_open(struct listener *listener, uv_loop_t *loop, const struct config *config);

/* LOOP. Connections go to this front from now on. */
void listener_start(struct listener *listener, struct front *front);

/* LOOP. A connection has closed: accepts again if that was what it waited for. */
void listener_on_closed(struct listener *listener);

/* LOOP. Takes the connections that the kernel has accepted already, then closes. */
void listener_drain(struct listener *listener);

/* LOOP. No new connections any more: the socket closes. The loop must turn once more. */
void listener_close(struct listener *listener);

#endif
