/* Starts, stops and observes the embedded interpreter. For callers that do not include Python.h. */
#ifndef TANDEM_PYTHON_INTERP_RUNTIME_H
#define TANDEM_PYTHON_INTERP_RUNTIME_H

#include <stdint.h>

#include "base/err.h"
#include "core/loop_stats.h"

/* Checks that the directory venv is a virtual environment (PEP 405) for this version of Python. ERR_INVALID says which
 * command makes one. */
WARN_UNUSED enum err python_check_venv(const char *venv);

/* MAIN thread. Starts the interpreter, isolated from the user's environment (PEP 587), except for an activated virtual
 * environment (VIRTUAL_ENV) if venv is NULL. Its path has tandem's own Python code and the packages of the virtual
 * environment in the directory venv (PEP 405). gc_threshold
 * has the three arguments of gc.set_threshold for every interpreter, and is borrowed until python_stop; NULL: CPython's
 * own values. Returns with the GIL released. On ERR_PYTHON the traceback, if there is one, is in the log; on any error
 * Python does not run. */
WARN_UNUSED enum err python_start(const char *venv, const uint64_t *gc_threshold);

/* MAIN thread, before python_start. Has on_exit called with the status when code of the user's calls os._exit() in this
 * process, not in a forked child. ANY thread, the GIL held; the process ends if on_exit returns. */
void python_on_exit(void (*on_exit)(int status));

/* MAIN thread, every other thread's python_thread ended. Finalizes Python. */
void python_stop(void);

/* Returns how long the last successful python_start took. */
uint64_t python_startup_ns(void);

/* MAIN thread. Returns how to start the interpreter of this version: its absolute path, or else its name, such as
 * "python3.12". A static string. Python need not have started. */
const char *python_command(void);

/* MAIN thread. Returns the version, such as "3.12.1"; a static string. Python need not have started. */
const char *python_version(void);

/* ANY thread, from python_start to python_stop. Fills out with the GILs of the running interpreters, at most max of
 * them; returns how many. */
unsigned python_read_gils(struct gil_stats *out, unsigned max);

#endif
