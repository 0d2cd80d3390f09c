/* Interpreters: the main one, and subinterpreters with a GIL of their own (PEP 684).
 *
 * CPython 3.12's subinterpreters need a certain order (docs/models/py-subinterp.md has the crashes that it avoids).
 * They are made one at a time, each by the thread that will run in it; that thread ends it; and all have ended before
 * the main one does. */
#ifndef TANDEM_PYTHON_INTERPRETER_H
#define TANDEM_PYTHON_INTERPRETER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "base/err.h"
#include "core/stats.h"
#include "python/gil_probe.h"
#include "python/kept.h"
#include "python/workload_forms.h"

struct interpreter {
    unsigned id; /* 0: the main one; else in the order in which they were made */
    struct workload_calls calls;
    struct kept *kept;
    PyObject *app; /* the user's; NULL: not imported */
    struct gil_watch gil;
    atomic_bool ended;
    struct interpreter *next;
};

/* The modules that are pure Python in a subinterpreter and not in the main one; NULL ends the list. */
extern const char *const interpreter_fallbacks[];

/* The main interpreter, from python_start to python_stop. */
struct interpreter *interpreter_main(void);

/* MAIN thread, the GIL held. Makes the main one ready: what is tandem's is on its path, and its GIL watched. */
WARN_UNUSED enum err interpreter_open_main(void);

/* The main interpreter's GIL held by this thread. Makes a subinterpreter; on ERR_OK its GIL is held instead, and *state
 * is this thread's in it. On an error the main one's is held still. */
WARN_UNUSED enum err interpreter_new(struct interpreter **out, PyThreadState **state);

/* Its GIL held by the one thread that runs in it. Ends it; the thread holds no GIL then. What was counted stays. */
void interpreter_end(struct interpreter *interpreter, PyThreadState *state);

/* MAIN thread, the main GIL held, every subinterpreter ended. Lets go of what was loaded. */
void interpreter_close_main(void);

/* MAIN thread, Python finalized. Frees what stood for the subinterpreters. */
void interpreter_forget_all(void);

/* ANY thread. Calls visit for each interpreter that runs, the main one first; visit must not wait, and not call on. */
void interpreter_each(void (*visit)(struct interpreter *interpreter, void *context), void *context);

#endif
