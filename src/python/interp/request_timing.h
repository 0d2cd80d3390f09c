/* The timestamps and the GIL waits of a request that Python handles. Times are those of base/clock.h, in ns. */
#ifndef TANDEM_PYTHON_INTERP_REQUEST_TIMING_H
#define TANDEM_PYTHON_INTERP_REQUEST_TIMING_H

#include "core/request.h"
#include "python/interp/thread.h"

/* The thread that picks up the request at now_ns, after a wait of waited_ns for the GIL. Sets the request's gil_ns to
 * that wait, but at most to the request's time in the queue. Returns now_ns less gil_ns, the time from which the
 * request occupies the thread: the wait does not count as time in the queue. */
uint64_t request_timing_pick_up(struct request *request, uint64_t now_ns, uint64_t waited_ns);

/* The GIL held. The handler is done: sets finished_ns, and adds to gil_ns the thread's waits since its account stood at
 * waited_ns. */
void request_timing_finish(struct python_thread *thread, struct request *request, uint64_t waited_ns);

/* The same, and gives the request back to its loop. */
void request_timing_give_back(struct python_thread *thread, struct request *request, uint64_t waited_ns);

#endif
