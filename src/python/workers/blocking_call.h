/* Calls a request's blocking handler: the blocking variant of a workload, or the user's WSGI app. */
#ifndef TANDEM_PYTHON_WORKERS_BLOCKING_CALL_H
#define TANDEM_PYTHON_WORKERS_BLOCKING_CALL_H

#include "core/request.h"
#include "python/interp/thread.h"

/* The GIL held. Calls the handler, writes the reply, and sets the request's timestamps and GIL waits. A workload's
 * reply is 200; 500 if it raised; 501 if its import raised ImportError. picked_up_ns: the time, by clock_ns(), from
 * which the request occupies this thread. False: the request has already been given back (python/wsgi/call.h). */
bool blocking_call(struct python_thread *thread, struct request *request, uint64_t picked_up_ns);

#endif
