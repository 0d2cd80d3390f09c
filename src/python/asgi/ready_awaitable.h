/* A ready awaitable: await returns its value at once, without involving the event loop. The GIL held. */
#ifndef TANDEM_PYTHON_ASGI_READY_AWAITABLE_H
#define TANDEM_PYTHON_ASGI_READY_AWAITABLE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Returns the type of ready awaitables, a new reference; NULL with an exception set. */
PyObject *ready_awaitable_type(void);

/* Steals value, which may be NULL with an exception set. Returns a new reference; NULL with an exception set. */
PyObject *ready_awaitable_new(PyObject *type, PyObject *value);

#endif
