#include "dispatch/handoff.h"

#include "base/check.h"
#include "base/list.h"
#include "core/loop.h"

/* The lock held. True if no worker stands by although one should: all sleep, or a handler has blocked lately. */
static bool standby_missing(const struct handoff *handoff)
{
    return handoff->standing_by == 0 &&
           (handoff->parked_count == handoff->worker_count || service_time_is_stalled(&handoff->service_time));
}

/* The lock held. True if the workers run in parallel and waking another one pays. */
static bool another_pays(const struct handoff *handoff)
{
    return handoff->kind == HANDOFF_PARALLEL &&
           service_time_another_pays(&handoff->service_time, handoff->queue.waiting.count,
                                     handoff->worker_count - handoff->parked_count, handoff->standing_by);
}

/* The lock held, at least one worker parked. The caller signals the returned worker. */
static struct handoff_worker *unpark_one(struct handoff *handoff)
{
    struct handoff_worker *worker = &handoff->workers[handoff->parked[--handoff->parked_count]];
    worker->woken = true;
    handoff->standing_by++;
    return worker;
}

/* The lock held. Unparks the workers that are needed; returns how many. The caller unlocks, then signals them. */
static unsigned unpark(struct handoff *handoff, struct handoff_worker *woken[HANDOFF_WORKERS_MAX])
{
    unsigned count = 0;
    while (handoff->queue.waiting.count > 0 && handoff->parked_count > 0 &&
           (standby_missing(handoff) || another_pays(handoff)))
        woken[count++] = unpark_one(handoff);
    return count;
}

static void signal_all(struct handoff_worker *const woken[], unsigned count)
{
    while (count > 0)
        uv_cond_signal(&woken[--count]->wake);
}

static void on_look(struct queue *queue, struct loop *loop, bool stalled)
{
    (void)loop;
    struct handoff *handoff = CONTAINER_OF(queue, struct handoff, queue);
    struct handoff_worker *woken[HANDOFF_WORKERS_MAX];
    unsigned count = 0;

    uv_mutex_lock(&handoff->queue.lock);
    if (stalled)
        service_time_stalled(&handoff->service_time);
    if (stalled || handoff->kind == HANDOFF_PARALLEL) /* in parallel, a moving queue may need more workers, too */
        count = unpark(handoff, woken);
    uv_mutex_unlock(&handoff->queue.lock);
    signal_all(woken, count);
}

enum err handoff_submit(struct handoff *handoff, struct request *request)
{
    return queue_submit(&handoff->queue, request);
}

void handoff_flush(struct handoff *handoff, struct loop *loop)
{
    if (queue_batch_empty(&handoff->queue, loop))
        return;
    struct handoff_worker *woken[HANDOFF_WORKERS_MAX];

    uv_mutex_lock(&handoff->queue.lock);
    queue_flush_locked(&handoff->queue, loop);
    unsigned count = unpark(handoff, woken);
    uint64_t taken_total = handoff->queue.taken_total;
    uv_mutex_unlock(&handoff->queue.lock);

    signal_all(woken, count);
    if (handoff->worker_count > 1)
        watchdogs_start(&handoff->watchdogs, loop, taken_total);
}

bool handoff_wait(struct handoff *handoff, unsigned worker)
{
    struct handoff_worker *self = &handoff->workers[worker];
    uv_mutex_lock(&handoff->queue.lock);
    if (handoff->queue.waiting.count > 0) {
        handoff->standing_by++;
    } else if (!handoff->closed) {
        handoff->parked[handoff->parked_count++] = worker;
        while (!self->woken)
            uv_cond_wait(&self->wake, &handoff->queue.lock);
        self->woken = false;
    }
    bool more = handoff->queue.waiting.count > 0 || !handoff->closed;
    uv_mutex_unlock(&handoff->queue.lock);
    return more;
}

struct request *handoff_first(struct handoff *handoff)
{
    struct handoff_worker *woken[HANDOFF_WORKERS_MAX];
    uv_mutex_lock(&handoff->queue.lock);
    CHECK(handoff->standing_by > 0);
    handoff->standing_by--;
    struct request *request = queue_pop_locked(&handoff->queue);
    unsigned count = unpark(handoff, woken);
    uv_mutex_unlock(&handoff->queue.lock);
    signal_all(woken, count);
    return request;
}

struct request *handoff_next(struct handoff *handoff, uint64_t took_ns)
{
    uv_mutex_lock(&handoff->queue.lock);
    service_time_took(&handoff->service_time, took_ns);
    struct request *request = queue_pop_locked(&handoff->queue);
    uv_mutex_unlock(&handoff->queue.lock);
    return request;
}

void handoff_close(struct handoff *handoff)
{
    uv_mutex_lock(&handoff->queue.lock);
    handoff->closed = true;
    while (handoff->parked_count > 0)
        uv_cond_signal(&unpark_one(handoff)->wake);
    uv_mutex_unlock(&handoff->queue.lock);
}

enum err handoff_init(struct handoff *handoff, struct model *model, enum handoff_kind kind, unsigned worker_count)
{
    CHECK(worker_count >= 1 && worker_count <= HANDOFF_WORKERS_MAX);
    *handoff = (struct handoff){.kind = kind, .worker_count = worker_count};
    enum err err = queue_init(&handoff->queue, model);
    if (err)
        return err;
    err = watchdogs_init(&handoff->watchdogs, &handoff->queue, on_look);
    if (err) {
        queue_free(&handoff->queue);
        return err_fail(err, "out of memory for the hand-off of %s", model->ops->name);
    }
    for (unsigned i = 0; i < worker_count; i++)
        CHECK(uv_cond_init(&handoff->workers[i].wake) == 0);
    return ERR_OK;
}

void handoff_free(struct handoff *handoff)
{
    watchdogs_free(&handoff->watchdogs);
    for (unsigned i = 0; i < handoff->worker_count; i++)
        uv_cond_destroy(&handoff->workers[i].wake);
    queue_free(&handoff->queue);
}
