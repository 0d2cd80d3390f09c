/* The listener: accepts from one listening socket, on one loop, for all I/O threads.
 *
 * The loop is the control thread's, which is never busy, so accepting waits for no handler. Each socket goes to the I/O
 * thread that has the fewest. docs/loops.md says why libmicrohttpd does not listen by itself.
 *
 * Other threads only store an order and wake the loop; everything else happens on the LOOP. */
#ifndef TANDEM_HTTP_ACCEPT_LISTENER_H
#define TANDEM_HTTP_ACCEPT_LISTENER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

#include "base/err.h"
#include "config/config.h"
#include "http/accept/listen_socket.h"

struct io_thread;

/* Orders to the listener. A later one in this list overrides an earlier one. */
enum listener_order { LISTENER_HOLD, LISTENER_ACCEPT, LISTENER_DRAIN, LISTENER_CLOSE };

struct listener {
    char url[LISTEN_SOCKET_URL_BYTES];
    uint64_t max_connections;
    uv_async_t wake;
    _Atomic(enum listener_order) order;
    atomic_bool paused; /* max_connections are open, or descriptors or memory ran out; clients wait in the backlog */

    struct io_thread *const *io_threads;
    atomic_uint io_thread_count; /* 0 until io_threads is set */

    /* LOOP only. */
    int fd;     /* -1: closed */
    bool kept;  /* see listener_keep */
    bool ended; /* it will never accept again */
    uv_poll_t poll;
    uv_timer_t retry;
    unsigned latest; /* the index of the I/O thread that got the latest socket */
};

/* The loop's thread, or any thread while the loop is not running. Binds and listens; clients that connect now wait in
 * the backlog. port: 0 takes a free one. option: the port's option, for the error message. inherited: a descriptor that
 * listens there already, which is taken; -1: there is none. On error nothing is left, except that inherited stays
 * open. */
WARN_UNUSED enum err listener_open(struct listener *listener, uv_loop_t *loop, const struct config *config,
                                   const char *option, uint64_t port, int inherited);

/* MAIN thread. Accepts from now on, for these I/O threads, whose loops run or are about to. Borrows the array. */
void listener_start(struct listener *listener, struct io_thread *const *io_threads, unsigned count);

/* ANY thread. A connection has closed: accepts again if the listener was paused. */
void listener_on_closed(struct listener *listener);

/* LOOP. keep true: accepts nothing more, and leaves the socket open, in fd, past listener_drain and listener_close, for
 * the program that exec is going to run. Clients that connect meanwhile wait in the backlog. keep false: the next
 * listener_drain or listener_close closes the socket after all. */
void listener_keep(struct listener *listener, bool keep);

/* ANY thread; may come before listener_start, and more than once. Unless the socket is kept, accepts the connections
 * that wait in the backlog, at most up to max_connections, and closes the socket. Makes every I/O thread drain. */
void listener_drain(struct listener *listener);

/* MAIN thread, when no I/O thread is left. The handles close as soon as the loop runs, and so does the socket, unless
 * it is kept. */
void listener_close(struct listener *listener);

#endif
