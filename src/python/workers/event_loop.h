/* An asyncio event loop on a thread of its own, and the hand-off that feeds it.
 *
 * Requests arrive in batches. A flush puts a batch into the queue and signals an eventfd, unless that is signalled
 * already; the event loop watches the eventfd with add_reader. call_soon_threadsafe would cost a system call and two
 * objects per request. The event loop takes all queued requests at once and starts them as tasks
 * (python/workers/task.h): a started request is in flight, and no longer queued. */
#ifndef TANDEM_PYTHON_WORKERS_EVENT_LOOP_H
#define TANDEM_PYTHON_WORKERS_EVENT_LOOP_H

#include "core/model.h"

/* The functions of model_ops, on their threads; model->own is the struct event_loop_state. */
WARN_UNUSED enum err event_loop_start(struct model *model);
WARN_UNUSED enum err event_loop_submit(struct model *model, struct request *request);
void event_loop_flush(struct model *model, struct loop *loop);
void event_loop_look_at_clients(struct model *model, struct request *request); /* for both cancel and half_closed */
void event_loop_stop(struct model *model);

#endif
