/* wsgi.input: the body of a request as a file that is read. */
#ifndef TANDEM_PYTHON_WSGI_INPUT_H
#define TANDEM_PYTHON_WSGI_INPUT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/request.h"

/* Its type, a new reference; NULL with an exception set. */
PyObject *wsgi_input_type(void);

/* The GIL held. Takes the request's body, so that it may outlive the request. A new reference; NULL with an exception
 * set. */
PyObject *wsgi_input_new(PyObject *type, struct request *request);

#endif
