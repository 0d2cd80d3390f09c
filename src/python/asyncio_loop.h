/* An asyncio event loop on a thread of its own, and the hand-off that feeds it.
 *
 * Requests reach it in batches: a flush puts them into the queue and writes to an eventfd, if that is not yet
 * signalled, which the event loop watches with add_reader; call_soon_threadsafe would cost a system call and two
 * objects for each. It takes all that waits at once: what an event loop has begun is in flight, not in a queue
 * (python/flight.h). */
#ifndef TANDEM_PYTHON_ASYNCIO_LOOP_H
#define TANDEM_PYTHON_ASYNCIO_LOOP_H

#include "core/model.h"

/* The functions of model_ops; model->own is the asyncio loop. */
WARN_UNUSED enum err asyncio_loop_start(struct model *model);
WARN_UNUSED enum err asyncio_loop_submit(struct model *model, struct request *request);
void asyncio_loop_flush(struct model *model, struct loop *loop);
void asyncio_loop_look_at_clients(struct model *model, struct request *request); /* cancel, half_closed */
void asyncio_loop_stop(struct model *model);

#endif
