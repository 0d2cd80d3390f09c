/* --reload: watches the app's source and the handler of --native (reload/watch.h). After a change the process drains,
 * as for a signal, but keeps its listening sockets, and starts itself anew (reload/reexec.h). Importing the modules
 * again would not do: threads, connections and other modules that the app has made would stay.
 *
 * Without --reload these functions do nothing. */
#ifndef TANDEM_SERVER_RELOADER_H
#define TANDEM_SERVER_RELOADER_H

#include <stdbool.h>

#include "base/err.h"
#include "config/config.h"
#include "http/accept/listener.h"

/* MAIN thread, before anything is started. ERR_INVALID: there is nothing to watch. */
WARN_UNUSED enum err reloader_check(const struct config *config);

/* MAIN thread, between control_thread_open and control_thread_start. Call before the app is imported, so that no change
 * during the import is missed. Borrows listener, which may not be open yet. On error nothing is left after the control
 * thread's loop has run once more. */
WARN_UNUSED enum err reloader_open(const struct config *config, struct listener *listener);

/* The callbacks of struct control_thread_events. */
void reloader_on_drain(bool to_reload);
void reloader_on_late(void);
void reloader_on_end(void);

/* MAIN thread, all sockets open. From now on the process starts anew if the app ends it (reload/process_end.h). */
void reloader_watch_end(void);

/* MAIN thread, all of the user's code over, sockets still open. An end of the process is tandem's own from now on. */
void reloader_end_expected(void);

/* MAIN thread. ERR_APP: the app has ended the process before; a change of the source may mend that. */
WARN_UNUSED enum err reloader_last_end(void);

/* MAIN thread. Records and returns err, the result of loading the user's code. If it is an error, a change of the
 * source may mend it (reloader_wait). */
WARN_UNUSED enum err reloader_note_app(enum err err);

/* MAIN thread, when all that was started after control_thread_start has ended. failed: how that went. If a change of
 * the source may mend the failure (ERR_APP, or an error given to reloader_note_app), logs the failure, waits for a
 * change or a signal, and returns ERR_OK. Else returns failed. */
WARN_UNUSED enum err reloader_wait(enum err failed);

/* MAIN thread, when all other threads have ended, the control thread last. Starts the process anew if the source has
 * changed and no signal asks it to end. Returns ERR_OK if there is nothing to reload; ERR_SYSTEM: the new start failed.
 */
WARN_UNUSED enum err reloader_finish(void);

#endif
