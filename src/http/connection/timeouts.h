/* Timeouts: the absolute time limits of an I/O thread's connections.
 *
 * All limits of a kind have the same length, so they expire in the order in which they were set: one queue per kind,
 * the earliest first. To set or clear a limit costs a few pointer writes; the timer is only touched if it would fire
 * too late. libmicrohttpd's own timeout is not used: it measures inactivity, and stops for suspended connections. */
#ifndef TANDEM_HTTP_CONNECTION_TIMEOUTS_H
#define TANDEM_HTTP_CONNECTION_TIMEOUTS_H

#include <sys/queue.h>
#include <uv.h>

#include "config/config.h"
#include "http/connection/connection.h"

struct timeouts {
    uint64_t length_ns[TIMEOUT_COUNT];
    TAILQ_HEAD(timeout_queue, connection) queues[TIMEOUT_COUNT];
    uv_timer_t timer;
    uint64_t timer_due_ns; /* UINT64_MAX: not running */
    bool late;             /* while limits expire: the loop was busy when they were due */

    /* LOOP. The loop was busy, so bytes that clients sent in time may be unread. Reads them. */
    void (*on_late)(struct timeouts *timeouts);

    /* LOOP. The connection's limit of this kind has passed; the connection is under no limit now. */
    void (*on_expired)(struct connection *connection, enum timeout kind);
};

/* The loop's thread, or any thread while the loop is not running. The owner closes the timer. */
void timeouts_init(struct timeouts *timeouts, uv_loop_t *loop, const struct config *config,
                   void (*on_late)(struct timeouts *timeouts),
                   void (*on_expired)(struct connection *connection, enum timeout kind));

/* LOOP. Puts the connection under this limit from now_ns on, and under no other. TIMEOUT_NOT: under none. */
void timeouts_set(struct timeouts *timeouts, struct connection *connection, enum timeout kind, uint64_t now_ns);

/* LOOP. Restarts the connection's limit, if it is under one. */
void timeouts_restart(struct timeouts *timeouts, struct connection *connection);

#endif
