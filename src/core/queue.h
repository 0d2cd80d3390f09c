/* A model's queue: requests submitted and not yet picked up, oldest first, bounded by --queue-limit.
 *
 * Submitting only joins the loop's batch, without a lock; flushing moves the whole batch into the queue under one lock,
 * once per turn of the loop. What reads the queue takes the lock itself: the fields below say which it guards. The
 * limit is for the batches of all loops and the queue together, so what counts them is an atomic (the model's
 * queue_length). */
#ifndef TANDEM_CORE_QUEUE_H
#define TANDEM_CORE_QUEUE_H

#include <uv.h>

#include "base/err.h"
#include "core/model.h"
#include "core/request.h"

/* A loop's batch, its LOOP's only, on a cache line of its own: each submit writes it. */
struct queue_batch {
    _Alignas(64) struct request_list list;
};

struct queue {
    struct model *model;
    uv_mutex_t lock; /* guards waiting and taken_total; never held while calling out */
    struct request_list waiting;
    uint64_t taken_total;        /* popped so far: how a watchdog sees progress */
    struct queue_batch *batches; /* one per loop */
};

WARN_UNUSED enum err queue_init(struct queue *queue, struct model *model);

/* Nothing waits any more. */
void queue_free(struct queue *queue);

/* LOOP. ERR_OK: takes the request into the loop's batch. ERR_BUSY: as many wait as may. */
WARN_UNUSED enum err queue_submit(struct queue *queue, struct request *request);

/* LOOP, the lock held. Moves the loop's batch into the queue. */
void queue_flush_locked(struct queue *queue, const struct loop *loop);

/* LOOP. Whether the loop's batch is empty. */
bool queue_batch_empty(const struct queue *queue, const struct loop *loop);

/* ANY thread, the lock held. All that waits; the list is empty before. */
void queue_take_all_locked(struct queue *queue, struct request_list *out);

/* ANY thread, the lock held. The oldest request, its started_ns not set; NULL where none waits. */
struct request *queue_pop_locked(struct queue *queue);

#endif
