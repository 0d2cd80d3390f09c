/* The dispositions of signals (signal(7)). They belong to the server: an app or a library that takes a signal which
 * ends the server would make it unstoppable. In a forked child they belong to the child. */
#ifndef TANDEM_BASE_SIGNALS_H
#define TANDEM_BASE_SIGNALS_H

#include <stdbool.h>

enum { SIGNALS_OF_END = 4 };

/* The signals that end the server: the first one drains it, the second one ends it at once. */
extern const int signals_of_end[SIGNALS_OF_END];

/* MAIN thread, at startup. SIGPIPE and SIGXFSZ are ignored, as in Python: write(2) fails instead. SIGUSR1 and SIGUSR2
 * do nothing, unless the app takes them; a program that the app starts has their default action. */
void signals_start(void);

/* ANY thread, after signals_start. True for SIGHUP if it was ignored at the start, as nohup(1) wants: it stays so. */
bool signals_is_ignored(int number);

/* Notes the present handlers of the signals that end the server; signals_keep then restores them. */
void signals_remember(void);

/* ANY thread, after signals_remember. Gives the signals that end the server back to it. Returns the number of one that
 * had another disposition, 0 if none had. */
int signals_keep(void);

/* ANY thread. Blocks or unblocks these signals for the calling thread. how: SIG_BLOCK or SIG_UNBLOCK. */
void signals_mask(int how);

/* ANY thread. From now on these signals, but for one that stays ignored, call this handler. */
void signals_handle(void (*handler)(int number));

/* In a forked child, by its only thread. Gives SIGUSR1, SIGUSR2 and the signals that end the server their default
 * actions, unless the app took SIGUSR1 or SIGUSR2. Async-signal-safe. */
void signals_reset(void);

#endif
