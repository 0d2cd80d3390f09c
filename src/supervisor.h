/* The supervisor: signals, reloads and the drain time-out, on a thread and a loop of their own, so that a handler that
 * occupies the server's loop for ever cannot keep the process from ending. Since its loop is never busy, the listeners
 * are on it too, and what is done every second.
 *
 * The first SIGTERM or SIGINT asks the server to drain; a second one ends the process at once; so does --drain-timeout.
 * Both of these exit with 1, by _exit: other threads may still be at work. A reload asks the server to drain, too, and
 * a signal that comes meanwhile ends it for good. */
#ifndef TANDEM_SUPERVISOR_H
#define TANDEM_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"

/* The supervisor's thread. */
struct supervisor_events {
    void (*on_drain)(bool to_reload); /* once for a signal, and perhaps once before, to reload */
    void (*on_late_reload)(void);     /* --drain-timeout is over; where this returns the process ends */
    void (*every_second)(void);
    void (*on_end)(void); /* it stops: to close what is on its loop */
};

/* MAIN thread. Makes the loop. Borrows events. On error nothing is left. */
WARN_UNUSED enum err supervisor_open(uint64_t drain_timeout_ns, const struct supervisor_events *events);

/* MAIN thread, between open and start, to put handles on it. They must be closing when the supervisor stops. */
uv_loop_t *supervisor_loop(void);

/* MAIN thread. Starts the thread, and catches signals from now on, those that were blocked before included. On error
 * supervisor_stop is still to be called. */
WARN_UNUSED enum err supervisor_start(void);

/* The supervisor's thread. Has the server drain, to be started anew, unless it drains already. */
void supervisor_reload(void);

/* ANY thread. Whether it drains, or has drained, to be started anew: no signal wants it to end. */
bool supervisor_reloads(void);

/* MAIN thread, when all else has ended. Joins the thread, if there is one, and closes the loop. */
void supervisor_stop(void);

#endif
