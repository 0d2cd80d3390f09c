/* The call of a request's handler by a thread that it occupies: a workload's blocking form, or the user's WSGI app. */
#ifndef TANDEM_PYTHON_BLOCKING_CALL_H
#define TANDEM_PYTHON_BLOCKING_CALL_H

#include "core/request.h"
#include "python/python_thread.h"

/* The GIL held. Calls the handler and writes the reply: of a workload 200, 500 where it raised, 501 where its import
 * raised ImportError; and its moments, and its waits for the GIL. picked_up_ns: the moment of clock_ns() from which the
 * request has this thread. False: the request has been given back already (python/wsgi.h). */
bool blocking_call(struct python_thread *thread, struct request *request, uint64_t picked_up_ns);

#endif
