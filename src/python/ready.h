/* An awaitable that is ready: awaiting it gives its value at once, without a word to the event loop. */
#ifndef TANDEM_PYTHON_READY_H
#define TANDEM_PYTHON_READY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Its type, a new reference; NULL with an exception set. */
PyObject *ready_type(void);

/* Steals value, which is NULL where an exception is set. A new reference; NULL with an exception set. */
PyObject *ready_new(PyObject *type, PyObject *value);

#endif
