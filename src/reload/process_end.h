/* --reload: an app that ends the process, by exit(3), os._exit() or a crash, does not end the server. The process
 * starts itself anew at once, on the same sockets, and then waits for a change of the source. Not covered: a call of
 * _exit(2) in C, and a stack overflow. */
#ifndef TANDEM_RELOAD_PROCESS_END_H
#define TANDEM_RELOAD_PROCESS_END_H

#include "reload/reexec.h"

/* MAIN thread, after reexec_prepare. From now on an end of the process is the app's doing. Takes SIGSEGV, SIGBUS,
 * SIGFPE, SIGILL and SIGABRT. */
void process_end_watch(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX]);

/* ANY thread. The process drains to start anew: if the app ends it meanwhile, it starts anew without waiting. */
void process_end_in_reload(void);

/* ANY thread, before the sockets are closed. From now on an end of the process is tandem's own. */
void process_end_expected(void);

/* ANY thread. The app has called os._exit(). Returns if the end is tandem's own, in a forked child, or if the process
 * cannot start anew. */
void process_end_by_exit(int status);

#endif
