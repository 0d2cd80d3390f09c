#include "dispatch/queue.h"

#include <stdlib.h>

#include "base/check.h"
#include "core/loop.h"

enum err queue_init(struct queue *queue, struct model *model)
{
    *queue = (struct queue){.model = model};
    queue->batches = cache_line_calloc(model->loop_count, sizeof *queue->batches);
    if (!queue->batches)
        return err_fail(ERR_NOMEM, "out of memory for the queue of %s", model->ops->name);
    CHECK(uv_mutex_init(&queue->lock) == 0);
    return ERR_OK;
}

void queue_free(struct queue *queue)
{
    CHECK(queue->waiting.count == 0);
    uv_mutex_destroy(&queue->lock);
    free(queue->batches);
}

/* Adds one to the queue's length. False: the queue is full. */
static bool take_place(struct queue *queue)
{
    atomic_uint *length = &queue->model->queue_length;
    unsigned seen = atomic_load_explicit(length, memory_order_relaxed);
    do {
        if (seen >= queue->model->config->queue_limit)
            return false;
    } while (
        !atomic_compare_exchange_weak_explicit(length, &seen, seen + 1, memory_order_relaxed, memory_order_relaxed));
    return true;
}

enum err queue_submit(struct queue *queue, struct request *request)
{
    if (!take_place(queue))
        return ERR_BUSY;
    request_list_push(&queue->batches[request->loop->id].list, request);
    return ERR_OK;
}

void queue_flush_locked(struct queue *queue, const struct loop *loop)
{
    request_list_append(&queue->waiting, &queue->batches[loop->id].list);
}

bool queue_batch_empty(const struct queue *queue, const struct loop *loop)
{
    return queue->batches[loop->id].list.count == 0;
}

struct request *queue_pop_locked(struct queue *queue)
{
    struct request *request = request_list_pop(&queue->waiting);
    if (!request)
        return NULL;
    queue->taken_total++;
    atomic_fetch_sub_explicit(&queue->model->queue_length, 1, memory_order_relaxed);
    return request;
}

void queue_take_all_locked(struct queue *queue, struct request_list *out)
{
    unsigned count = queue->waiting.count;
    queue->taken_total += count;
    request_list_append(out, &queue->waiting);
    atomic_fetch_sub_explicit(&queue->model->queue_length, count, memory_order_relaxed);
}
