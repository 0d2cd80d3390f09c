/* A model's queue: requests submitted and not yet picked up, oldest first, bounded by --queue-limit.
 *
 * Submitting only adds to the loop's batch, without a lock. Flushing moves the whole batch into the queue, under the
 * lock once. Callers of the _locked functions take the lock themselves. The limit applies to the batches of all loops
 * and the queue together, so their length is an atomic (the model's queue_length). */
#ifndef TANDEM_DISPATCH_QUEUE_H
#define TANDEM_DISPATCH_QUEUE_H

#include <uv.h>

#include "base/cache_line.h"
#include "base/err.h"
#include "core/model.h"
#include "core/request.h"

/* A loop's batch; LOOP only. It has its own cache line, because each submit writes it. */
struct queue_batch {
    _Alignas(CACHE_LINE) struct request_list list;
};

struct queue {
    struct model *model;
    uv_mutex_t lock; /* guards waiting and taken_total; never held while calling out */
    struct request_list waiting;
    uint64_t taken_total;        /* requests taken so far: shows a watchdog the progress */
    struct queue_batch *batches; /* one per loop */
};

/* MAIN thread. ERR_NOMEM: nothing is left, and err_message() says so. */
WARN_UNUSED enum err queue_init(struct queue *queue, struct model *model);

/* MAIN thread. No request waits any more. */
void queue_free(struct queue *queue);

/* LOOP. ERR_OK: takes the request into the loop's batch. ERR_BUSY: the queue is full; the caller keeps the request. */
WARN_UNUSED enum err queue_submit(struct queue *queue, struct request *request);

/* LOOP, the lock held. Moves the loop's batch into the queue. */
void queue_flush_locked(struct queue *queue, const struct loop *loop);

/* LOOP. True if the loop's batch is empty. */
bool queue_batch_empty(const struct queue *queue, const struct loop *loop);

/* ANY thread, the lock held. Moves all waiting requests to the end of out, oldest first. */
void queue_take_all_locked(struct queue *queue, struct request_list *out);

/* ANY thread, the lock held. Returns the oldest request, its started_ns not set; NULL: none waits. */
struct request *queue_pop_locked(struct queue *queue);

#endif
