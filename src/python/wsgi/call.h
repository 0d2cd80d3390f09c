/* Calls the user's WSGI app (PEP 3333), for the models that block.
 *
 * The app's result is sent as a whole if it is a list or a tuple, or if its first piece is as long as its
 * Content-Length. A regular file in wsgi.file_wrapper is sent by the kernel. Anything else is a stream. In a model that
 * runs on the loop, the io_thread pulls the stream piece by piece, and the app produces each piece then, on the loop.
 * In a thread of the model's own, the thread goes on producing, and waits while the client is slower
 * (stream/pipe.h). */
#ifndef TANDEM_PYTHON_WSGI_CALL_H
#define TANDEM_PYTHON_WSGI_CALL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/request.h"

struct python_thread;

/* The GIL held. Calls the app and writes the reply. True: the request is still the caller's. False: the reply is a
 * stream from this thread. The request was given back with its timestamps when the stream began, and all pieces are now
 * in the pipe. waited_ns: how long the thread had waited for the GIL in all when it took the request. */
bool wsgi_call(struct python_thread *thread, struct request *request, uint64_t waited_ns);

#endif
