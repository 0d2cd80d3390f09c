/* The embedded interpreter from outside: for those who know nothing of Python.h. */
#ifndef TANDEM_PYTHON_RUNTIME_H
#define TANDEM_PYTHON_RUNTIME_H

#include "base/err.h"
#include "core/stats.h"

/* MAIN thread. Starts the interpreter (PEP 587, isolated from the user's environment), with tandem's own Python code on
 * its path, and with the packages of the virtual environment in the directory venv, unless that is NULL (PEP 405).
 * Leaves with the GIL free. On ERR_PYTHON the traceback, if there is one, is in the log. */
WARN_UNUSED enum err python_start(const char *venv);

/* MAIN thread, every other thread's python_thread ended. Finalizes. */
void python_stop(void);

/* How long python_start took. */
uint64_t python_startup_ns(void);

/* "3.12.1". Any time. */
const char *python_version(void);

/* ANY thread. The interpreters and their GILs, at most max of them; returns how many. */
unsigned python_read_gils(struct gil_stats *out, unsigned max);

#endif
