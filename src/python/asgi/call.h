/* Calls the user's ASGI 3 app on py-asyncio's event loop. All functions run on its thread, with the GIL held.
 *
 * A request and the app's call for it have separate lifetimes. The request goes back to its loop as soon as its
 * response is complete or begins to stream. The call may run on; what it sends after that goes through a pipe
 * (stream/pipe.h). */
#ifndef TANDEM_PYTHON_ASGI_CALL_H
#define TANDEM_PYTHON_ASGI_CALL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "core/inbox.h"
#include "core/request.h"

struct asgi;
struct asgi_exchange; /* a request and the app's call for it: a Python object */
struct python_thread;

/* Returns owned; NULL: an exception is set. app, state and event_loop are borrowed. The exchanges call post(owner,
 * message) on ANY thread; post must have the message delivered on the event loop's thread. */
struct asgi *asgi_open(struct python_thread *thread, PyObject *app, PyObject *state, PyObject *event_loop,
                       void (*post)(void *owner, struct inbox_message *inbox_message), void *owner);

/* Imports the user's app, starts it by module's start_app and opens it as asgi_open does. module is
 * tandem.asyncio_loop. *lifespan becomes a new reference to the app's lifespan once the app has started, even if
 * opening it then fails. NULL: an exception is set. */
struct asgi *asgi_start(struct python_thread *thread, PyObject *module, PyObject *event_loop,
                        void (*post)(void *owner, struct inbox_message *inbox_message), void *owner,
                        PyObject **lifespan);

/* Closes it; NULL is allowed. Its memory is freed with the last exchange, which the app may keep for longer. */
void asgi_close(struct asgi *asgi);

/* Calls the app for the request. Returns its coroutine, a new reference; NULL: an exception is set. *exchange becomes a
 * new reference, which asgi_done must take, also after NULL. Only if *exchange itself is NULL does the caller keep the
 * request. waited_ns: how long the thread had waited for the GIL in all when it took the request. */
PyObject *asgi_call(struct asgi *asgi, struct request *request, uint64_t waited_ns, struct asgi_exchange **exchange);

/* Ends the exchange after its call, which has ended with an exception set or without one. Answers the request and gives
 * it back, unless that has happened already. Takes the reference to the exchange. */
void asgi_done(struct asgi_exchange *exchange);

/* Tells the app if the request's client has left or half-closed its connection. Called when that may have happened. */
void asgi_look_for_disconnect(struct asgi_exchange *exchange);

#endif
