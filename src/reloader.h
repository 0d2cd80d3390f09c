/* --reload: the app's source, and the handler of --native, are watched (reload/watch.h), and where it changes the
 * process drains, as for a signal, but keeps its listening sockets, and starts itself anew (reload/reexec.h). Never by
 * importing modules a second time: what an app has made of threads, connections and of other modules would stay.
 *
 * All of it does nothing without --reload. */
#ifndef TANDEM_RELOADER_H
#define TANDEM_RELOADER_H

#include <stdbool.h>

#include "base/err.h"
#include "core/config.h"
#include "http/listener.h"

/* MAIN thread, before the start. ERR_INVALID: there is nothing to watch. */
WARN_UNUSED enum err reloader_check(const struct config *config);

/* MAIN thread, between supervisor_open and _start, before the app is imported: what changes while it is, is not missed.
 * Borrows listener, which may not be open yet. On error nothing is left, once the supervisor's loop has turned. */
WARN_UNUSED enum err reloader_open(const struct config *config, struct listener *listener);

/* The supervisor's events. */
void reloader_on_drain(bool to_reload);
void reloader_on_late(void);
void reloader_on_end(void);

/* MAIN thread. Returns err, of loading what is the user's; where it is none of ERR_OK, another source may mend it. */
WARN_UNUSED enum err reloader_note_app(enum err err);

/* MAIN thread, all having ended that the start began. Where it failed, and another source may mend it (ERR_APP, too),
 * says why in the log, and waits for a change or a signal: ERR_OK. Else returns failed. */
WARN_UNUSED enum err reloader_wait(enum err failed);

/* MAIN thread, all having ended, the supervisor last. Starts the process anew, unless nothing has changed or a signal
 * wants it to end: ERR_OK. */
WARN_UNUSED enum err reloader_finish(void);

#endif
