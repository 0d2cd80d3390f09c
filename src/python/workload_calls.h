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

#include "core/request.h"
#include "python/python_thread.h"
#include "python/workload_forms.h"

/* The GIL held. Calls the blocking form and writes the reply: 200, 500 where it raised, 501 where its import raised
 * ImportError. */
void workload_call(struct python_thread *thread, struct request *request);

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
