/* The user's app (APP, or --app): what /app serves. Each interpreter imports it for itself. */
#ifndef TANDEM_PYTHON_APP_H
#define TANDEM_PYTHON_APP_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "base/err.h"
#include "core/config.h"
#include "core/workload.h"

struct interpreter;

/* /app. Its python_form is set by app_load. */
extern struct workload app_workload;

/* MAIN thread, Python started, no model yet. Imports the app in the main interpreter, and finds out what it is.
 * ERR_APP: it would not load; the log has the traceback. */
WARN_UNUSED enum err app_load(const struct config *config);

/* The GIL held. The app in this interpreter, which imports it if it has not: a new reference. NULL: an exception is
 * set. */
PyObject *app_import(struct interpreter *interpreter);

#endif
