/* Children that the user's code forks (fork(2)) without starting another program. Such a child has a copy of one of
 * tandem's threads, and of no other. The signals of base/signals.h get their default actions, and its copies of
 * tandem's descriptors are closed (pthread_atfork(3)): what it does cannot reach the server or a client. It may run the
 * user's code, and must end itself. If it comes back to tandem instead, it is ended: see the callers of fork_is_child.
 */
#ifndef TANDEM_BASE_FORK_H
#define TANDEM_BASE_FORK_H

#include <stdbool.h>

enum { FORK_RETURNED = 70 }; /* the exit status of a child that returned: EX_SOFTWARE of sysexits.h */

/* MAIN thread, before libuv's first loop is made: this handler then comes before libuv's, which opens a pipe of the
 * child's own in place of the one that was closed. */
void fork_watch(void);

extern bool fork_in_child; /* written in the child only, before the user's code goes on */

/* ANY thread. True in a forked child. */
static inline bool fork_is_child(void)
{
    return __builtin_expect(fork_in_child, false);
}

/* In a forked child. Writes a line to stderr, and ends the child by _exit(2). how: what it has done instead of ending,
 * such as "has returned from the app"; at most 100 bytes. */
_Noreturn void fork_end_child(const char *how);

#endif
