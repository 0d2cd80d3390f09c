/* Flights: requests whose coroutine has been started, on the asyncio loop's thread, with its GIL held.
 *
 * A coroutine is started eagerly, by a Task made from C (Python 3.12's eager_start): one that never suspends is over
 * when that returns, and the event loop has not heard of it. One that suspends becomes a flight: the Task's
 * done-callback, which answers the request. Of an ASGI app the call is what flies; its request may be answered long
 * before (asgi.h). */
#ifndef TANDEM_PYTHON_FLIGHT_H
#define TANDEM_PYTHON_FLIGHT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "python/asgi.h"
#include "python/python_thread.h"

struct flight;

/* One asyncio loop's. */
struct flights {
    struct python_thread *thread;
    PyObject *loop;                                       /* borrowed */
    PyObject *task_type;                                  /* asyncio.Task */
    PyObject *keyword_names;                              /* of a call of it */
    PyObject *done, *result, *add_done_callback, *cancel; /* names of methods */
    PyObject *type;                                       /* of a flight */
    struct asgi *asgi;                                    /* borrowed; NULL: there is no ASGI app */
    struct flight *first;
};

/* The Tasks of the ASGI calls that are not over, a list: a new reference; NULL: an exception is set. */
PyObject *flights_calls(const struct flights *flights);

/* False: an exception is set. Either way flights_close is due. */
bool flights_open(struct flights *flights, struct python_thread *thread, PyObject *loop);
void flights_close(struct flights *flights);

/* Takes the request and starts its coroutine; request_done follows, perhaps before this returns. picked_up_ns: the
 * moment from which the request has this thread. */
void flight_start(struct flights *flights, struct request *request, uint64_t picked_up_ns);

/* Cancels the Task of each whose answer is not wanted any more. An ASGI app is told instead: by http.disconnect, as
 * uvicorn does. */
void flights_look_at_clients(struct flights *flights);

#endif
