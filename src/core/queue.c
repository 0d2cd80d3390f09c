#include "core/queue.h"

#include <stdlib.h>

#include "base/check.h"
#include "core/loop.h"

enum err queue_init(struct queue *queue, struct model *model)
{
    *queue = (struct queue){.model = model};
    queue->batches = calloc(model->loop_count, sizeof *queue->batches);
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

enum err queue_submit(struct queue *queue, struct request *request)
{
    struct request_list *batch = &queue->batches[request->loop->id];
    unsigned waiting = atomic_load_explicit(&queue->model->queue_length, memory_order_relaxed);
    if (waiting + batch->count >= queue->model->config->queue_limit)
        return ERR_BUSY;
    request_list_push(batch, request);
    return ERR_OK;
}

/* Other threads read the length without the lock. */
static void publish_length(struct queue *queue)
{
    atomic_store_explicit(&queue->model->queue_length, queue->waiting.count, memory_order_relaxed);
}

void queue_flush_locked(struct queue *queue, const struct loop *loop)
{
    request_list_append(&queue->waiting, &queue->batches[loop->id]);
    publish_length(queue);
}

bool queue_batch_empty(const struct queue *queue, const struct loop *loop)
{
    return queue->batches[loop->id].count == 0;
}

struct request *queue_pop_locked(struct queue *queue)
{
    struct request *request = request_list_pop(&queue->waiting);
    if (!request)
        return NULL;
    queue->taken_total++;
    publish_length(queue);
    return request;
}

void queue_take_all_locked(struct queue *queue, struct request_list *out)
{
    queue->taken_total += queue->waiting.count;
    request_list_append(out, &queue->waiting);
    publish_length(queue);
}
