/* The state of an I/O thread (http/io_thread/io_thread.h): data that the folders of src/http share. LOOP only, but for
 * the accept queue. */
#ifndef TANDEM_HTTP_CONNECTION_IO_THREAD_STATE_H
#define TANDEM_HTTP_CONNECTION_IO_THREAD_STATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <time.h>
#include <uv.h>

#include "base/buf.h"
#include "core/loop.h"
#include "core/routes.h"
#include "http/connection/accept_queue.h"
#include "http/connection/connection.h"
#include "http/connection/lingering_close.h"
#include "http/connection/timeouts.h"
#include "http/routing/last_route.h"

struct io_thread;

enum {
    IO_THREAD_SCRATCH_BYTES = 16 * 1024,
    RUNS_PER_REPLY = 2, /* of the daemon, after a reply went out: one is told so, one completes the request */
};

enum { DATE_LINE_BYTES = sizeof "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" - 1 };

struct date {
    time_t second; /* that line says */
    char line[DATE_LINE_BYTES + 1];
};

/* LOOP. Callbacks to the owner of the I/O thread. */
struct io_thread_events {
    void (*on_closed)(struct io_thread *io_thread);  /* a connection has closed */
    void (*on_drained)(struct io_thread *io_thread); /* the drain is complete: see drain_check; may be called again */
};

struct io_thread {
    struct loop *loop;
    const struct routes *routes;
    struct MHD_Daemon *daemon;
    int daemon_epoll_fd;
    struct MHD_Response *kept,
        *closed; /* tell libmicrohttpd that a reply is sent, and whether the connection is kept */
    uv_poll_t daemon_poll;
    uv_timer_t daemon_timer;
    uv_timer_t stream_timer; /* breaks off streams in a drain: see io_thread_drain */
    uv_prepare_t prepare;
    uv_check_t check;
    struct accept_queue accept_queue;
    struct timeouts timeouts;
    struct lingering_closes lingering_closes;

    bool run_due;
    bool in_run;
    bool progressed;      /* a request was begun, answered or completed in this run of the daemon */
    unsigned owed_runs;   /* runs that the last replies still need: see daemon_run.c */
    unsigned answers;     /* answers that came since the daemon last ran */
    unsigned early_runs;  /* daemon runs for answers since the loop last waited: see daemon_run_for_answer */
    unsigned pending;     /* connections in STAGE_PENDING */
    unsigned outstanding; /* requests that models have, those included that no client waits for */
    bool draining;

    SLIST_HEAD(kicked, connection) kicked;          /* see connection_kick */
    LIST_HEAD(connections, connection) connections; /* all connections */
    unsigned connection_count;
    struct connection **by_fd; /* the connection of each descriptor, by_fd_size of them; NULL: there is none */
    int by_fd_size;
    char *scratch; /* IO_THREAD_SCRATCH_BYTES to read into, or to write from */
    struct date date;
    struct last_route last_route;
    struct buf piece;      /* a piece of a body on its way into a pipe; empty in between */
    unsigned open_handles; /* handles still to close while the I/O thread is freed */

    const struct io_thread_events *events;
    void *owner;
};

/* Makes the daemon run before the loop blocks, as when a connection is to be read or resumed. daemon_run.c reads the
 * flag. */
static inline void io_thread_want_run(struct io_thread *io_thread)
{
    io_thread->run_due = true;
}

#endif
