/* A fork in the main interpreter while subinterpreters run. In the child CPython 3.12 frees the subinterpreters,
 * without a thread state of theirs, and crashes. So tandem makes the child forget them. */
#ifndef TANDEM_PYTHON_INTERP_FORK_SUBINTERPRETERS_H
#define TANDEM_PYTHON_INTERP_FORK_SUBINTERPRETERS_H

/* ANY thread, before a subinterpreter is made; not by two threads at once. */
void fork_subinterpreters_watch(void);

#endif
