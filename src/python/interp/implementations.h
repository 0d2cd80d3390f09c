/* The Python implementations that an interpreter has loaded. Data only: python/workloads/workload_module.c fills it. */
#ifndef TANDEM_PYTHON_INTERP_IMPLEMENTATIONS_H
#define TANDEM_PYTHON_INTERP_IMPLEMENTATIONS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/loop_stats.h"
#include "python/interp/kept.h"

/* One variant of a workload's implementation. Zeroed memory: not loaded yet. */
struct implementation {
    PyObject *variant; /* the callable */
    char *refusal;     /* why the import failed; from malloc */
};

/* All implementations of one interpreter, by workload index. That interpreter's GIL guards them. Zeroed memory has
 * none. */
struct workload_module {
    struct kept kept; /* on the interpreter's list after the first call of a workload */
    struct implementation blocking[WORKLOADS_MAX];
    struct implementation evented[WORKLOADS_MAX];
};

#endif
