/* Loads and calls the Python implementations of the workloads.
 *
 * The implementation of a workload is the module pysrc/tandem/workloads/NAME.py. It has two variants. Both take the
 * workload's parameters in the order of their declaration, numbers as int and choices as str. If the workload takes a
 * body, (body: bytes, content_type: str | None) come first. Both return (content_type: str, body: bytes):
 *
 *     def run(ms): …            the blocking variant
 *     async def start(ms): …    the evented variant
 *
 * A module is imported at the workload's first call, so that its imports do not delay the server's start. */
#ifndef TANDEM_PYTHON_WORKLOADS_WORKLOAD_MODULE_H
#define TANDEM_PYTHON_WORKLOADS_WORKLOAD_MODULE_H

#include "core/request.h"
#include "python/interp/implementations.h"
#include "python/interp/thread.h"

/* The GIL held. Calls the blocking variant and writes the reply: 200; 500 if it raised; 501 if its import raised
 * ImportError. */
void workload_call(struct python_thread *thread, struct request *request);

/* ANY thread. Returns NULL if the workload has this variant in Python, else the reason why not: a literal. */
const char *workload_refusal(const struct workload *workload, bool evented);

/* The GIL held. Calls the evented variant. Returns its coroutine, a new reference; NULL: the reply is written, 500 or
 * 501. */
PyObject *workload_call_evented(struct python_thread *thread, struct request *request);

/* The GIL held. Writes the reply for the result that a variant returned. result is borrowed; NULL: an exception is set,
 * which is cleared. */
void workload_answer(struct request *request, PyObject *result);

/* The GIL held. Lets go of all implementations; they are imported again when needed. */
void workload_module_unload(struct workload_module *calls);

#endif
