/* Starts the program anew in this process, by execve(2). The pid stays, and so do the listening sockets: the new
 * program finds them in the environment variable TANDEM_RELOAD_SOCKETS, as OPTION:DESCRIPTOR,…. All other descriptors
 * but 0 to 2 are closed.
 *
 * Arguments, environment and working directory are those that the process was started with, whatever the app has
 * changed since. The program is the file at the path from which the process was started, so the next change also picks
 * up a new build of tandem. If that file cannot be started, because it is being built, the running program is started
 * again. */
#ifndef TANDEM_RELOAD_REEXEC_H
#define TANDEM_RELOAD_REEXEC_H

#include "base/err.h"

enum { REEXEC_SOCKETS_MAX = 2 };

struct reexec_socket {
    const char *option; /* the option that it listens for */
    int fd;
};

/* MAIN thread, at startup, before there are other threads or anything is changed. Keeps a copy of what to start with,
 * and removes TANDEM_RELOAD_SOCKETS from the environment. ERR_INVALID: that variable is malformed. ERR_SYSTEM,
 * ERR_NOMEM. */
WARN_UNUSED enum err reexec_prepare(char *const argv[]);

/* MAIN thread. Returns the descriptor inherited for this option; -1 if there is none. Does not check that it
 * listens. */
int reexec_inherited(const char *option);

/* ANY thread. From now on the signals that end the server end the process at once, with exit status 0: all there was to
 * stop has stopped, or is not waited for. */
void reexec_end_on_signal(void);

/* ANY thread, after reexec_prepare; all other threads end. A socket whose descriptor is -1 is left out. Signals that
 * end the server and arrive meanwhile stay blocked until the new program handles them. Returns only on failure:
 * ERR_SYSTEM. */
WARN_UNUSED enum err reexec(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX]);

/* MAIN thread, after reexec_prepare. Says which sockets reexec_now hands over. */
void reexec_arm(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX]);

/* ANY thread, after reexec_arm. Async-signal-safe. Starts the program anew at once, although other threads run. how:
 * how the app has ended the process, at most 100 bytes, which reexec_ended returns in the new program; or NULL. Returns
 * only on failure. */
void reexec_now(const char *how);

/* MAIN thread, after reexec_prepare. Returns how the app has ended the process before; NULL: it has not. */
const char *reexec_ended(void);

#endif
