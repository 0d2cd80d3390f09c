/* The Python forms of the workloads in one interpreter, and the call of one.
 *
 * A twin is pysrc/tandem/workloads/NAME.py. Both its forms take the workload's parameters in the order of their
 * declaration, numbers as int and choices as str; where the workload takes a body, (body: bytes, content_type: str |
 * None) instead. Both return (content_type: str, body: bytes):
 *
 *     def run(ms): …            the blocking form
 *     async def start(ms): …    the evented form
 *
 * A twin is imported when it is first asked for, so that nobody waits at the start for what it imports. */
#ifndef TANDEM_PYTHON_WORKLOAD_CALLS_H
#define TANDEM_PYTHON_WORKLOAD_CALLS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core/request.h"
#include "core/stats.h"

struct python_thread;

/* One form of a workload. */
struct twin {
    PyObject *form;
    char *refusal; /* why there is none */
};

/* One interpreter's. Zeroed memory is none loaded yet. Touched with that interpreter's GIL held. */
struct workload_calls {
    struct twin blocking[WORKLOADS_MAX];
    struct twin evented[WORKLOADS_MAX];
};

/* The thread takes the request at now_ns, after it had waited for the GIL for waited_ns. Counts as the request's own
 * what of that came while it was in the queue. Returns the moment from which it has this thread. */
uint64_t workload_pick_up(struct request *request, uint64_t now_ns, uint64_t waited_ns);

/* The GIL held. Calls the blocking form of the request's workload, or the user's WSGI app, and writes the reply: of a
 * workload 200, 500 where it raised, 501 where its import raised ImportError; and its moments, and its waits for the
 * GIL. picked_up_ns: the moment of clock_ns() from which the request has this thread. False: the request has been given
 * back already (python/wsgi.h). */
bool workload_call(struct python_thread *thread, struct request *request, uint64_t picked_up_ns);

/* The GIL held. The handler is done: the request's moments, and its waits for the GIL since the thread's came to
 * waited_ns. */
void workload_finish(struct python_thread *thread, struct request *request, uint64_t waited_ns);

/* The same, and the request goes back to its loop. */
void workload_give_back(struct python_thread *thread, struct request *request, uint64_t waited_ns);

/* NULL, or why the request's workload has no such form in Python: a literal. */
const char *workload_refusal(const struct workload *workload, bool evented);

/* The GIL held. Calls the evented form: the coroutine, a new reference. NULL: the reply says why not. */
PyObject *workload_call_evented(struct python_thread *thread, struct request *request);

/* The GIL held. Writes the reply for what a form returned (result, borrowed), or for the exception that is set (NULL).
 */
void workload_answer(struct request *request, PyObject *result);

/* The GIL held. Lets go of the twins. */
void workload_calls_unload(struct workload_calls *calls);

#endif
