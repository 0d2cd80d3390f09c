/* The listener: one listening socket, accepted from on one loop, for all fronts.
 *
 * Its loop is that of a thread which is never busy (the supervisor's), so accepting waits for no handler; each socket
 * goes to the front that has the fewest. Why libmicrohttpd does not listen by itself: docs/loops.md.
 *
 * What other threads want of it they only note, and wake its loop: the rest is its LOOP's alone. */
#ifndef TANDEM_HTTP_LISTENER_H
#define TANDEM_HTTP_LISTENER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

#include "base/err.h"
#include "core/config.h"
#include "http/listen_socket.h"

struct front;

/* What it is to do; the later one wins. */
enum listener_order { LISTENER_HOLD, LISTENER_ACCEPT, LISTENER_DRAIN, LISTENER_CLOSE };

struct listener {
    char url[LISTEN_SOCKET_URL_BYTES];
    uint64_t max_connections;
    uv_async_t wake;
    _Atomic(enum listener_order) order;
    atomic_bool paused; /* as many connections are open as may be; the next ones wait in the backlog */

    struct front *const *fronts;
    atomic_uint front_count; /* 0 until fronts is set */

    /* LOOP only. */
    int fd;     /* -1: closed */
    bool kept;  /* see listener_keep */
    bool ended; /* it accepts no more, ever */
    uv_poll_t poll;
    uv_timer_t retry;
    unsigned latest; /* the front that got the latest one */
};

/* The thread of loop, or any where that is not running. Binds and listens; clients that connect now wait to be
 * accepted. port: 0 takes a free one. option: the port's, for the error. inherited: a descriptor that listens there
 * already, taken; -1: there is none. On error nothing is left, but for that. */
WARN_UNUSED enum err listener_open(struct listener *listener, uv_loop_t *loop, const struct config *config,
                                   const char *option, uint64_t port, int inherited);

/* MAIN thread. Connections go to these fronts from now on, whose loops run. Borrows the array. */
void listener_start(struct listener *listener, struct front *const *fronts, unsigned count);

/* ANY thread. A connection has closed: accepts again if that was what it waited for. */
void listener_on_closed(struct listener *listener);

/* LOOP. keep: nothing more is accepted from now on, and the socket stays open, in fd, past listener_drain and
 * listener_close: for the process that this one is going to be (exec). Who connects meanwhile waits in the backlog.
 * Not keep, later: the socket closes after all, with the next of these. */
void listener_keep(struct listener *listener, bool keep);

/* ANY thread, also before the start, and again. Takes the connections that the kernel has accepted already, unless the
 * socket is kept, closes it, and has every front drain. */
void listener_drain(struct listener *listener);

/* MAIN thread, when no front is left. The socket, unless it is kept, and the handles close as soon as the loop turns.
 */
void listener_close(struct listener *listener);

#endif
