/* Interpreters: the main one, and subinterpreters with a GIL of their own (PEP 684).
 *
 * CPython 3.12 needs a certain order; docs/models/py-subinterp.md lists the crashes that it avoids. Subinterpreters are
 * made and ended one at a time. Each is made and ended by the thread that runs in it. All must end before the main
 * interpreter does. */
#ifndef TANDEM_PYTHON_INTERP_INTERPRETER_H
#define TANDEM_PYTHON_INTERP_INTERPRETER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <sys/queue.h>

#include "base/err.h"
#include "core/loop_stats.h"
#include "python/interp/gil_probe.h"
#include "python/interp/implementations.h"
#include "python/interp/kept.h"

struct interpreter {
    unsigned id; /* 0: the main interpreter; subinterpreters count from 1 in the order of their creation */
    struct workload_module calls;
    struct kept_list kept;
    PyObject *app; /* the user's app; NULL: not imported */
    struct gil_watch gil;
    atomic_bool ended;
    SLIST_ENTRY(interpreter) link;
};

/* The modules that are pure Python in subinterpreters, but not in the main one; NULL ends the list. */
extern const char *const interpreter_fallbacks[];

/* ANY thread. Returns the main interpreter, which is usable from python_start to python_stop. */
struct interpreter *interpreter_main(void);

/* MAIN thread, before interpreter_open_main. As python_on_exit. */
void interpreter_on_exit(void (*on_exit)(int status));

/* MAIN thread, the GIL held. Sets up the main interpreter: adds tandem's Python code to its path, watches its GIL.
 * gc_threshold is as for python_start; it is kept for the subinterpreters. */
WARN_UNUSED enum err interpreter_open_main(const uint64_t *gc_threshold);

/* ANY thread but MAIN, the main GIL held. Makes a subinterpreter for this thread. On ERR_OK the thread holds the
 * subinterpreter's GIL instead, and *state is its thread state there. On an error it still holds the main GIL. */
WARN_UNUSED enum err interpreter_new(struct interpreter **out, PyThreadState **state);

/* ANY thread, after interpreter_new. Returns what subinterpreters of this version of CPython do wrong, for the user to
 * read; a static string. NULL: nothing that is known. */
const char *interpreter_faults(void);

/* The thread that runs in the subinterpreter, holding its GIL. Ends it; the thread then holds no GIL. The struct and
 * its counters stay valid until interpreter_forget_all. */
void interpreter_end(struct interpreter *interpreter, PyThreadState *state);

/* MAIN thread, the main GIL held, every subinterpreter ended. Stops watching the GIL and lets go of all that was loaded
 * into the main interpreter. */
void interpreter_close_main(void);

/* MAIN thread, Python finalized. Frees the structs of the subinterpreters. */
void interpreter_forget_all(void);

/* ANY thread. Calls visit for each running interpreter, in the order of their ids. visit runs under a lock: it must not
 * block, nor call interpreter functions. */
void interpreter_each(void (*visit)(struct interpreter *interpreter, void *context), void *context);

#endif
