/* A Python function that writes to tandem's log. */
#ifndef TANDEM_PYTHON_LOG_FUNCTION_H
#define TANDEM_PYTHON_LOG_FUNCTION_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* The GIL held. log(text), of str or bytes: an error, behind "who: "; who is a literal. A new reference; NULL with an
 * exception set. It needs nothing of the server's but the log, so it may be called at any time. */
PyObject *log_function_new(const char *who);

#endif
