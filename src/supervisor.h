/* The supervisor: signals and the drain time-out, on a thread and a loop of their own, so that a handler that occupies
 * the server's loop for ever cannot keep the process from ending; and what is done every second, whatever they do.
 *
 * The first SIGTERM or SIGINT asks the server to drain; a second one ends the process at once; so does --drain-timeout.
 * Both of these exit with 1, by _exit: other threads may still be at work. */
#ifndef TANDEM_SUPERVISOR_H
#define TANDEM_SUPERVISOR_H

#include <stdint.h>

#include "base/err.h"

/* MAIN thread. on_drain is called on the supervisor's thread, once; every_second there, too. On error nothing is left.
 */
WARN_UNUSED enum err supervisor_start(uint64_t drain_timeout_ns, void (*on_drain)(void), void (*every_second)(void));

/* MAIN thread, when all else has ended. Joins the thread. */
void supervisor_stop(void);

#endif
