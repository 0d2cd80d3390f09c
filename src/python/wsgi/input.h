/* wsgi.input: the body of a request as a readable file. */
#ifndef TANDEM_PYTHON_WSGI_INPUT_H
#define TANDEM_PYTHON_WSGI_INPUT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/request.h"

/* The GIL held. Returns the type of wsgi.input, a new reference; NULL with an exception set. */
PyObject *wsgi_input_type(void);

/* The GIL held. Takes the request's body and its body_reader, so that wsgi.input may outlive the request. Returns the
 * input, which the caller owns until wsgi_input_close; NULL with an exception set. It is *spare, which becomes NULL, or
 * a new one if there is none. */
PyObject *wsgi_input_open(PyObject **spare, PyObject *type, struct request *request);

/* The GIL held. Takes the input. It is emptied and becomes *spare, for the next call, if the app did not keep it. */
void wsgi_input_close(PyObject *input, PyObject **spare);

#endif
