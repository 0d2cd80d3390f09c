/* The supervisor: signals and the drain time-out, on a thread and a loop of their own, so that a handler that occupies
 * the server's loop for ever cannot keep the process from ending. Since its loop is never busy, the listeners are on it
 * too, and what is done every second.
 *
 * The first SIGTERM or SIGINT asks the server to drain; a second one ends the process at once; so does --drain-timeout.
 * Both of these exit with 1, by _exit: other threads may still be at work. */
#ifndef TANDEM_SUPERVISOR_H
#define TANDEM_SUPERVISOR_H

#include <stdint.h>
#include <uv.h>

#include "base/err.h"

/* MAIN thread. Makes the loop. on_drain will be called on it, once, and every_second. On error nothing is left. */
WARN_UNUSED enum err supervisor_open(uint64_t drain_timeout_ns, void (*on_drain)(void), void (*every_second)(void));

/* MAIN thread, between open and start, to put handles on it. They must be closing when the supervisor stops. */
uv_loop_t *supervisor_loop(void);

/* MAIN thread. Starts the thread, and catches signals from now on. On error supervisor_stop is still to be called. */
WARN_UNUSED enum err supervisor_start(void);

/* MAIN thread, when all else has ended. Joins the thread, if there is one, and closes the loop. */
void supervisor_stop(void);

#endif
