/* WSGI (PEP 3333): the calling of the user's app by the models that block.
 *
 * What the app returns goes out in one piece where it is a list or a tuple, or where its first piece is as long as its
 * Content-Length says. Anything else is a stream: of a model that runs on the loop the front pulls it, piece by piece,
 * and each piece is produced then, on the loop; in a thread of a model's own the thread goes on producing, and waits
 * where the client is behind (core/pipe.h). */
#ifndef TANDEM_PYTHON_WSGI_H
#define TANDEM_PYTHON_WSGI_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/request.h"

struct python_thread;

/* The GIL held. Calls the app and writes the reply. True: the request is the caller's still. False: it has been given
 * back, with its moments, since the reply is a stream; what there was to stream is out. waited_ns: what the thread had
 * waited for the GIL when the request began. */
bool wsgi_call(struct python_thread *thread, struct request *request, uint64_t waited_ns);

#endif
