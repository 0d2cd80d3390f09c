/* The program started anew in this process, by execve(2): the pid stays, and so do the listening sockets, which the new
 * program finds in the environment (TANDEM_RELOAD_SOCKETS) as OPTION:DESCRIPTOR,…. No other descriptor but 0 to 2 does.
 *
 * Arguments, environment and working directory are those that the process was started with, whatever the app has made
 * of them. The program is the one at the path that the process was started from, so that a new build of tandem is taken
 * with the next change; where that cannot be started (it is being built), the one that is running. */
#ifndef TANDEM_RELOAD_REEXEC_H
#define TANDEM_RELOAD_REEXEC_H

#include "base/err.h"

enum { REEXEC_SOCKETS_MAX = 2 };

struct reexec_socket {
    const char *option; /* that it listens for: "--port", "--admin" */
    int fd;
};

/* MAIN thread, at the start, before other threads and before anything is changed. Keeps a copy of what to start with,
 * and takes TANDEM_RELOAD_SOCKETS out of the environment. ERR_INVALID: that is not as it should be. */
WARN_UNUSED enum err reexec_prepare(char *const argv[]);

/* MAIN thread. The descriptor that came for this option; -1: none did. Whether it listens is not looked at. */
int reexec_inherited(const char *option);

/* ANY thread. From now on SIGTERM and SIGINT end the process at once, and well: what there was to stop has stopped, or
 * is not waited for. */
void reexec_end_on_signal(void);

/* ANY thread. Blocks SIGTERM and SIGINT for the calling thread, or unblocks them: how is SIG_BLOCK or SIG_UNBLOCK. */
void reexec_mask_signals(int how);

/* ANY thread, after reexec_prepare; other threads end. A socket with the descriptor -1 is none. SIGTERM and SIGINT that
 * come meanwhile wait for the new program, where they are blocked until it catches them. Returns only where it failed:
 * ERR_SYSTEM. */
WARN_UNUSED enum err reexec(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX]);

#endif
