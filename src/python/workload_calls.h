/* The Python forms of the workloads, and the call of one.
 *
 * A twin is pysrc/tandem/workloads/NAME.py. Both its forms take the workload's parameters in the order of their
 * declaration, numbers as int and choices as str; where the workload takes a body, (body: bytes, content_type: str | None)
 * instead. Both return (content_type: str, body: bytes):
 *
 *     def run(ms): …            the blocking form
 *     async def start(ms): …    the evented form
 */
#ifndef TANDEM_PYTHON_WORKLOAD_CALLS_H
#define TANDEM_PYTHON_WORKLOAD_CALLS_H

#include "core/request.h"
#include "python/interpreter.h"

/* The GIL held. Imports the twins. One that raises ImportError is refused from then on, with that reason; any other
 * exception is ERR_PYTHON, its traceback in the log. */
WARN_UNUSED enum err workload_calls_load(const struct workloads *workloads);
void workload_calls_unload(void);

/* ANY thread. Why the workload has no blocking Python form here; NULL where it has one. */
const char *workload_calls_refusal(unsigned workload_index);

/* The GIL held. Calls the blocking form: writes the request's reply, started to finished and its waits for the GIL.
 * picked_up_ns: the moment of clock_ns() from which the request has this thread. */
void workload_call(struct python_thread *thread, struct request *request, uint64_t picked_up_ns);

#endif
