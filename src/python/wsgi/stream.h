/* The stream of a WSGI app's pieces, for a model that runs on the loop. Each piece is produced when the client has
 * taken the ones before it. LOOP only. */
#ifndef TANDEM_PYTHON_WSGI_STREAM_H
#define TANDEM_PYTHON_WSGI_STREAM_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/stream.h"
#include "python/wsgi/response.h"

/* The GIL held. result: the app's result; its close() is called at the end. iterator: the result's iterator. first: its
 * first piece. All three are borrowed; the stream adds its own references. Moves the response's written bytes to the
 * stream. Returns owned; NULL with an exception set. */
struct stream *wsgi_stream_new(struct wsgi_response *response, PyObject *result, PyObject *iterator, PyObject *first);

#endif
