/* The moments of a request that Python runs, and its waits for the GIL: started, finished, and back to its loop. */
#ifndef TANDEM_PYTHON_REQUEST_TIMING_H
#define TANDEM_PYTHON_REQUEST_TIMING_H

#include "core/request.h"
#include "python/python_thread.h"

/* The thread takes the request at now_ns, after it had waited for the GIL for waited_ns. Counts as the request's own
 * what of that came while it was in the queue. Returns the moment from which it has this thread. */
uint64_t request_timing_pick_up(struct request *request, uint64_t now_ns, uint64_t waited_ns);

/* The GIL held. The handler is done: the request's moments, and its waits for the GIL since the thread's came to
 * waited_ns. */
void request_timing_finish(struct python_thread *thread, struct request *request, uint64_t waited_ns);

/* The same, and the request goes back to its loop. */
void request_timing_give_back(struct python_thread *thread, struct request *request, uint64_t waited_ns);

#endif
