/* Implements the call start_response(status, headers, exc_info=None) of PEP 3333. */
#ifndef TANDEM_PYTHON_WSGI_START_RESPONSE_H
#define TANDEM_PYTHON_WSGI_START_RESPONSE_H

#include "python/wsgi/response.h"

/* The GIL held. The vectorcallfunc of a struct wsgi_response. Returns its write(), a new reference; NULL with an
 * exception set. */
PyObject *wsgi_start_response(PyObject *self, PyObject *const *arguments, size_t flagged_count, PyObject *names);

#endif
