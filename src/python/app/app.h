/* The user's app (APP, or --app), which is served under /app. Each interpreter imports it for itself. */
#ifndef TANDEM_PYTHON_APP_APP_H
#define TANDEM_PYTHON_APP_APP_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "base/err.h"
#include "config/config.h"
#include "core/workload.h"

struct interpreter;

/* The workload of /app. app_load sets its python and takes_websockets. */
extern struct workload app_workload;

/* MAIN thread, Python started, no model started yet. Imports the app in the main interpreter and finds out if it is a
 * WSGI or an ASGI app. Borrows config for as long as Python runs. ERR_APP: the app cannot be loaded; if its own code
 * raised, the log has the traceback. ERR_NOMEM. */
WARN_UNUSED enum err app_load(const struct config *config);

/* The interpreter's GIL held. Returns its app, which it imports first if need be. A new reference; NULL: an exception
 * is set. */
PyObject *app_import(struct interpreter *interpreter);

/* ANY thread but MAIN, the app loaded, no GIL held. Imports the app in a new subinterpreter, which is ended again.
 * Returns why that failed, in one line; owned, from malloc. NULL: it did not. */
char *app_try_in_subinterpreter(void);

#endif
