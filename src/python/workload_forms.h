/* The Python forms of the workloads that one interpreter has loaded: data alone, which workload_calls.h fills. */
#ifndef TANDEM_PYTHON_WORKLOAD_FORMS_H
#define TANDEM_PYTHON_WORKLOAD_FORMS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/stats.h"
#include "python/kept.h"

/* One form of a workload. */
struct twin {
    PyObject *form;
    char *refusal; /* why there is none */
};

/* One interpreter's. Zeroed memory is none loaded yet. Touched with that interpreter's GIL held. */
struct workload_calls {
    struct kept kept; /* by the interpreter, once a form has been asked for */
    struct twin blocking[WORKLOADS_MAX];
    struct twin evented[WORKLOADS_MAX];
};

#endif
