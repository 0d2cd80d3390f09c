/* A front: one loop with one libmicrohttpd daemon in external-epoll mode, and the connections of both. There may be
 * several, each on a thread of its own (fronts.h); they have nothing in common but the site.
 *
 * Everything here is LOOP only, the loop's own thread, but where it says otherwise. When the daemon runs is turn.h's to
 * say. */
#ifndef TANDEM_HTTP_FRONT_H
#define TANDEM_HTTP_FRONT_H

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <uv.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/loop.h"
#include "core/site.h"
#include "http/arrivals.h"
#include "http/connection.h"
#include "http/deadline.h"
#include "http/linger.h"

enum {
    FRONT_SCRATCH_BYTES = 16 * 1024,
    RUNS_PER_REPLY = 2, /* of the daemon, after the one that queued it: one writes it, one completes it */
};

struct front;

/* LOOP. What a front tells its owner. */
struct front_events {
    void (*on_closed)(struct front *front);  /* a connection has closed */
    void (*on_drained)(struct front *front); /* it was told to drain, and has no connection and no request left */
};

struct front {
    struct loop *loop;
    const struct site *site;
    struct MHD_Daemon *daemon;
    uv_poll_t daemon_poll;
    uv_timer_t daemon_timer;
    uv_timer_t stream_timer; /* in a drain: see front_drain */
    uv_prepare_t prepare;
    uv_check_t check;
    struct arrivals arrivals;
    struct deadlines deadlines;
    struct lingering lingering;

    bool turn_due;
    bool in_turn;
    bool progressed;      /* in this run of the daemon a request was begun, answered or completed */
    unsigned owed_runs;   /* that replies queued lately need: see turn.c */
    unsigned answers;     /* that came since the daemon last ran */
    unsigned early_turns; /* taken since the loop last waited: see turn_want_for_answer */
    unsigned pending;     /* connections in STAGE_PENDING */
    unsigned outstanding; /* requests that models have, also those that no client waits for any more */
    bool draining;

    struct connection *kicked;      /* see connection_kick */
    struct connection *connections; /* all of them */
    unsigned connection_count;
    struct connection **by_fd; /* the connection of each descriptor that libmicrohttpd reads for us */
    int by_fd_size;
    char *scratch;         /* FRONT_SCRATCH_BYTES to read into */
    struct buf piece;      /* of a body, on its way into a pipe; empty in between */
    unsigned open_handles; /* while it is being freed */

    const struct front_events *events;
    void *owner;
};

/* A connection is to be read or resumed: the daemon must run before the loop blocks. turn.c looks at this. */
static inline void front_want_turn(struct front *front)
{
    front->turn_due = true;
}

/* LOOP's thread, or any: the loop is not yet running. site and events must outlive the front. On error nothing is left.
 * Returns owned. */
WARN_UNUSED enum err front_new(struct loop *loop, const struct site *site, const struct front_events *events,
                               void *owner, struct front **out);

/* ANY thread, before front_ask_drain. Takes the accepted, non-blocking socket. */
void front_give(struct front *front, int fd, const struct sockaddr_storage *address, socklen_t address_bytes);

/* ANY thread. How many it has, those included that are only arriving. */
unsigned front_connections(const struct front *front);

/* ANY thread. Has the loop do front_drain, behind all that was given to the front. */
void front_ask_drain(struct front *front);

/* Reads once more from what is idle, since a request may have come that the loop was too busy to see; closes what is
 * idle still, and everything else once it is answered; ends streams that have no end, and breaks off those that go on
 * after a third of --drain-timeout, so that their app has the rest for its end; with --reload, after a second.
 * on_drained follows, perhaps before this returns. */
void front_drain(struct front *front);

/* "0.9.75". Any time. */
const char *front_libmicrohttpd_version(void);

/* The loop's thread, or any: the loop runs no more, and there is no connection and no request left. It must turn once
 * more before it is freed. Takes the front. */
void front_free(struct front *front);

#endif
