/* ASGI 3: the user's app on py-asyncio's event loop. Everything here: its thread, the GIL held.
 *
 * A request and the app's call of it are two things: the request goes back to its loop as soon as the response is
 * whole, or begins to stream; the call may go on, and what it sends then goes through a pipe (core/pipe.h). */
#ifndef TANDEM_PYTHON_ASGI_H
#define TANDEM_PYTHON_ASGI_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "core/note.h"
#include "core/request.h"

struct asgi;
struct asgi_exchange; /* a request and its call: a Python object */
struct python_thread;

/* post(owner, note), from ANY thread: has the note delivered on the event loop's thread. app, state, event_loop:
 * borrowed. NULL: an exception is set. */
struct asgi *asgi_open(struct python_thread *thread, PyObject *app, PyObject *state, PyObject *event_loop,
                       void (*post)(void *owner, struct note *note), void *owner);

/* The same for the user's app, which is imported and started first, by module's start_app. *lifespan: of it, a new
 * reference. module: tandem.asyncio_loop. */
struct asgi *asgi_start(struct python_thread *thread, PyObject *module, PyObject *event_loop,
                        void (*post)(void *owner, struct note *note), void *owner, PyObject **lifespan);
void asgi_close(struct asgi *asgi);

/* Calls the app. *exchange: a new reference, on which asgi_done is due. Returns the coroutine, a new reference; NULL:
 * an exception is set, and *exchange may be NULL. waited_ns: what the thread had waited for the GIL when it took the
 * request. */
PyObject *asgi_call(struct asgi *asgi, struct request *request, uint64_t waited_ns, struct asgi_exchange **exchange);

/* The call has ended: with an exception, which is set, or without. Answers the request, if it is still here, and gives
 * it back; lets go of the exchange. */
void asgi_done(struct asgi_exchange *exchange);

/* Nobody waits for the answer any more, perhaps. */
void asgi_look_for_disconnect(struct asgi_exchange *exchange);

#endif
