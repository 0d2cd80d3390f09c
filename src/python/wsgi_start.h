/* The call of start_response: start_response(status, headers, exc_info=None), as PEP 3333 has it. */
#ifndef TANDEM_PYTHON_WSGI_START_H
#define TANDEM_PYTHON_WSGI_START_H

#include "python/wsgi_response.h"

/* The GIL held. The vectorcallfunc of a struct wsgi_response. */
PyObject *wsgi_start_response(PyObject *self, PyObject *const *arguments, size_t flagged_count, PyObject *names);

#endif
