/* A Python function that writes to tandem's log. */
#ifndef TANDEM_PYTHON_INTERP_LOG_FUNCTION_H
#define TANDEM_PYTHON_INTERP_LOG_FUNCTION_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* The GIL held. Returns a function log(text: str | bytes, level: str = "error"), which logs the text after "who: ".
 * level is "error", "warning" or "info". who is a literal. A new reference; NULL with an exception set. The function
 * depends only on the log, so Python code may call it at any time. */
PyObject *log_function_new(const char *who);

#endif
