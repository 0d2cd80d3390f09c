/* An I/O thread: one loop with one libmicrohttpd daemon in external-epoll mode, and their connections. There may be
 * several, each with a thread of its own (io_threads.h); they share only the routes. daemon_run.h decides when the
 * daemon runs.
 *
 * All functions are LOOP only (the loop's own thread), unless their comments say otherwise. */
#ifndef TANDEM_HTTP_IO_THREAD_IO_THREAD_H
#define TANDEM_HTTP_IO_THREAD_IO_THREAD_H

#include <sys/socket.h>

#include "base/err.h"
#include "core/loop.h"
#include "core/routes.h"
#include "http/connection/io_thread_state.h"

/* The loop's thread, or any thread: the loop is not running yet. routes, events and owner must outlive the I/O thread.
 * *out is owned. On error nothing is left. */
WARN_UNUSED enum err io_thread_new(struct loop *loop, const struct routes *routes,
                                   const struct io_thread_events *events, void *owner, struct io_thread **out);

/* Begins the drain. Reads once more from each idle connection, since the loop may have been too busy to see a request.
 * Closes connections that are still idle, and the others after their answer. Asks endless streams and websockets to
 * end. Breaks off streams that go on after a third of --drain-timeout, so that their app has the rest of the time to
 * end; with --reload, after a second at the latest. on_drained follows, perhaps before this returns. */
void io_thread_drain(struct io_thread *io_thread);

/* ANY thread, at any time. Returns libmicrohttpd's version, as in "0.9.75". */
const char *io_thread_libmicrohttpd_version(void);

/* The loop's thread, or any thread: the loop no longer runs, and no connection and no request is left. Takes the I/O
 * thread. The loop must run once more before it is freed, to close the handles; loop_free does that. */
void io_thread_free(struct io_thread *io_thread);

#endif
