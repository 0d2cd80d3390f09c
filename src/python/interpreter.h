/* Threads in the embedded interpreter. For what starts and stops it: runtime.h.
 *
 * PyGILState_* is not used anywhere: it knows only one interpreter. A thread that runs Python has a struct
 * python_thread, which it makes itself, keeps, and ends itself. */
#ifndef TANDEM_PYTHON_INTERPRETER_H
#define TANDEM_PYTHON_INTERPRETER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "python/gil_wait.h"

struct workload_calls;

/* A thread's place in the interpreter, and its waits for the GIL. */
struct python_thread {
    PyThreadState *state;
    struct workload_calls *calls; /* its interpreter's */
    struct gil_account account;
    struct python_thread *next;
};

/* The thread that will use it; it does not hold the GIL. On the MAIN thread it gets the interpreter's own state.
 * Returns owned; NULL where memory ran out. */
struct python_thread *python_thread_new(void);

/* The same thread, not holding the GIL. Its account still counts towards the totals. */
void python_thread_end(struct python_thread *thread);

/* The same thread. Takes the GIL, waiting for it; lets it go. */
void python_enter(struct python_thread *thread);
void python_leave(struct python_thread *thread);

#endif
