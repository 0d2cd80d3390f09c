/* A forked child (base/fork.h) in which the user's code has come back to tandem. The GIL held, all functions. */
#ifndef TANDEM_PYTHON_INTERP_FORK_CHILD_H
#define TANDEM_PYTHON_INTERP_FORK_CHILD_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "base/fork.h"

/* Flushes sys.stdout and sys.stderr and ends the child: with the exception's exit status if a SystemExit is set, else
 * with FORK_RETURNED and a line that names the exception, if one is set. */
_Noreturn void fork_child_leave(void);

/* To be called after each call of the user's code, and first in each function that the user's code calls: in a forked
 * child it would act on copies of the server's state. Does nothing in the server. */
static inline void fork_child_check(void)
{
    if (fork_is_child())
        fork_child_leave();
}

/* Returns a function that calls fork_child_check, whatever its arguments are. If its argument is an exception, the
 * child ends as if that were set. A new reference; NULL with an exception set. */
PyObject *fork_child_check_function_new(void);

#endif
