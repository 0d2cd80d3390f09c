/* Deadlines: the absolute time limits of a front's connections.
 *
 * A kind of limit has one length, so the connections under it expire in the order in which they came under it: a queue
 * per kind, the earliest first. Setting and clearing costs a few pointer writes; the timer is only touched when it
 * would fire too late. libmicrohttpd's own time-out is for inactivity, stops for suspended connections, and is not
 * used. */
#ifndef TANDEM_HTTP_DEADLINE_H
#define TANDEM_HTTP_DEADLINE_H

#include <uv.h>

#include "core/config.h"
#include "http/connection.h"

struct deadlines {
    uint64_t length_ns[DEADLINE_COUNT];
    struct connection *first[DEADLINE_COUNT];
    struct connection *last[DEADLINE_COUNT];
    uv_timer_t timer;
    uint64_t timer_due_ns; /* UINT64_MAX: not running */

    /* LOOP. The loop was busy: what clients sent in time may not have been read yet. Reads it. */
    void (*on_late)(struct deadlines *deadlines);

    /* LOOP. The connection's limit of this kind has passed; it is under none now. */
    void (*on_expired)(struct connection *connection, enum deadline kind);
};

/* LOOP's thread. The timer is the owner's to close. */
void deadlines_init(struct deadlines *deadlines, uv_loop_t *loop, const struct config *config,
                    void (*on_late)(struct deadlines *deadlines),
                    void (*on_expired)(struct connection *connection, enum deadline kind));

/* LOOP. The connection is under this limit from now on, and under no other; DEADLINE_NOT: under none. */
void deadline_set(struct deadlines *deadlines, struct connection *connection, enum deadline kind, uint64_t now_ns);

/* LOOP. The limit that runs begins anew. */
void deadline_restart(struct deadlines *deadlines, struct connection *connection);

#endif
