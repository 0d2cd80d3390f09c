/* The control thread: handles signals, reloads and the drain timeout on a loop of its own. A handler that occupies one
 * of the server's loops for ever therefore cannot keep the process from ending. The control thread's loop is never
 * busy, so the listeners and the work of every second are on it, too.
 *
 * The first SIGTERM, SIGINT, SIGHUP or SIGQUIT asks the server to drain. A second one ends the process at once, and so
 * does --drain-timeout. Both exit with 1, by _exit, because other threads may still be running.
 *
 * A reload also asks the server to drain. If --drain-timeout expires first, the process starts anew without waiting any
 * longer. A signal that comes during a reload cancels it: the process ends after the drain. */
#ifndef TANDEM_SERVER_CONTROL_THREAD_H
#define TANDEM_SERVER_CONTROL_THREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"

/* Callbacks, on the control thread; on the MAIN thread, in control_thread_stop, if that thread was never started. */
struct control_thread_events {
    void (*on_drain)(bool to_reload); /* once for a signal, and at most once before that, to reload */
    void (*on_late_reload)(void);     /* --drain-timeout expired; the process ends if this returns */
    void (*every_second)(void);
    void (*on_end)(void); /* the loop ends, but not to reload: closes handles on it */
};

/* MAIN thread. Makes the loop. Borrows events. On error handles may be left on the loop, so the process must end. */
WARN_UNUSED enum err control_thread_open(uint64_t drain_timeout_ns, const struct control_thread_events *events);

/* MAIN thread, between control_thread_open and control_thread_start. Returns the loop, for handles of other parts.
 * Their owners must close them by control_thread_stop or in on_end, unless the process reloads. */
uv_loop_t *control_thread_loop(void);

/* MAIN thread. Starts the thread. From now on signals are handled, including those that were blocked until now. On
 * error control_thread_stop must still be called. */
WARN_UNUSED enum err control_thread_start(void);

/* Control thread. Makes the server drain, to start anew after that. Does nothing if the server drains already. */
void control_thread_reload(void);

/* ANY thread. True if the server drains, or has drained, to start anew. False again once a signal asks it to end. */
bool control_thread_reloads(void);

/* ANY thread. Takes the signals that end the server back from code of the user's that took them, and logs that. The
 * control thread does so every second. */
void control_thread_keep_signals(void);

/* MAIN thread. Says what a late end waits for from now on: a literal, for the log. */
void control_thread_waits_for(const char *what);

/* MAIN thread, when all other threads have ended. Joins the control thread if it runs. Closes the loop, unless the
 * process reloads; after that the signals that end the server are ignored. */
void control_thread_stop(void);

/* MAIN thread, after control_thread_stop, or if there was no control thread. Returns what is left of the drain timeout:
 * all of it if no signal has come. */
uint64_t control_thread_remaining_ns(uint64_t drain_timeout_ns);

#endif
