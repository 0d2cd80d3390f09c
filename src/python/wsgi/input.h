/* wsgi.input: the body of a request as a readable file. */
#ifndef TANDEM_PYTHON_WSGI_INPUT_H
#define TANDEM_PYTHON_WSGI_INPUT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/request.h"

/* The GIL held. Returns the type of wsgi.input, a new reference; NULL with an exception set. */
PyObject *wsgi_input_type(void);

/* The GIL held. Takes the request's body and its body_reader, so that wsgi.input may outlive the request. Returns a new
 * reference; NULL with an exception set. */
PyObject *wsgi_input_new(PyObject *type, struct request *request);

#endif
