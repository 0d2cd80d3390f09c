/* The stream of a WSGI app's pieces for a model that runs on the loop: each is produced when the client has taken those
 * before it. LOOP only. */
#ifndef TANDEM_PYTHON_WSGI_STREAM_H
#define TANDEM_PYTHON_WSGI_STREAM_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/stream.h"
#include "python/wsgi_response.h"

/* The GIL held. result: what the app returned, which close() is called of at the end; iterator: of it; first: its first
 * piece. Takes no reference. NULL with an exception set. */
struct stream *wsgi_stream_new(struct wsgi_response *response, PyObject *result, PyObject *iterator, PyObject *first);

#endif
