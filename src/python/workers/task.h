/* Tasks: requests whose coroutine has been started. All functions run on the event loop's thread, with the GIL held.
 *
 * A coroutine is started eagerly, by an asyncio.Task made from C (Python 3.12's eager_start). A coroutine that never
 * suspends has ended when that call returns, and costs the event loop nothing. For one that suspends, a struct task
 * becomes the Task's done-callback, and answers the request. For an ASGI app the task is the app's call; its request
 * may be answered long before the call ends (python/asgi/call.h). */
#ifndef TANDEM_PYTHON_WORKERS_TASK_H
#define TANDEM_PYTHON_WORKERS_TASK_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <sys/queue.h>

#include "python/asgi/call.h"
#include "python/interp/thread.h"

struct task;

/* The tasks of one event loop. */
struct tasks {
    struct python_thread *thread;
    PyObject *loop;                                       /* borrowed */
    PyObject *task_type;                                  /* asyncio.Task */
    PyObject *keyword_names;                              /* the keyword arguments of task_type */
    PyObject *done, *result, *add_done_callback, *cancel; /* interned method names */
    PyObject *type;                                       /* the Python type of struct task */
    struct asgi *asgi;                                    /* borrowed; NULL: there is no ASGI app */
    bool lazy;                                            /* the event loop starts the Tasks, in a later iteration */
    LIST_HEAD(all_tasks, task) all;
};

/* Returns a list of the Tasks of the ASGI calls that have not ended. A new reference; NULL: an exception is set. */
PyObject *tasks_calls(const struct tasks *tasks);

/* tasks_open borrows thread and loop. False: an exception is set. The caller must call tasks_close in either case. */
bool tasks_open(struct tasks *tasks, struct python_thread *thread, PyObject *loop);
void tasks_close(struct tasks *tasks);

/* Takes the request and starts its coroutine; request_done follows, perhaps before this returns. picked_up_ns: the time
 * from which the request occupies this thread. */
void task_start(struct tasks *tasks, struct request *request, uint64_t picked_up_ns);

/* Cancels the Task of every request that was given up. An ASGI app is not cancelled: it gets http.disconnect, as with
 * uvicorn. */
void tasks_look_at_clients(struct tasks *tasks);

#endif
