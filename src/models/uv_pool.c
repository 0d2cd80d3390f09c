/* uv-pool: the blocking C form, in libuv's thread pool. Node's worker threads.
 *
 * libuv takes one mutex, and mostly one wake-up, per uv_queue_work; a request each would make that the price of every
 * request. So what goes into the pool are pumps: each takes requests from the model's queue until it is empty. How many
 * are at it is decided as for Python's threads (core/handoff.h): one, unless more of them pay. */
#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/list.h"
#include "core/loop.h"
#include "core/pace.h"
#include "core/queue.h"
#include "core/watchdog.h"
#include "models/models.h"

struct pump {
    uv_work_t work;
    struct pool *pool;
    unsigned loop_id; /* its work is this loop's */
    struct pump *next_idle;
};

/* A loop's pumps; its LOOP's only. */
struct pumps {
    struct pump *idle;
    unsigned idle_count;
    unsigned out; /* that libuv has */
    bool too_few; /* more would have been started, had there been any */
};

struct pool {
    struct queue queue; /* its lock guards pace, running and coming, too */
    struct watchdogs watchdogs;
    struct pace pace;
    unsigned running;    /* pumps in libuv's pool that may still take a request */
    unsigned coming;     /* of these, those that have not taken one yet */
    struct pump *all;    /* of all loops */
    struct pumps *loops; /* one entry per loop */
};

/* At most as many run as the pool has threads, and others have ended, but are not back: a loop may flush several times
 * before libuv comes to those. Where all are out, the first one that is back starts again. */
enum { PUMPS_PER_THREAD = 4 };
#define FIRST UINT64_MAX

/* WORKER. NULL: the pump has ended. took_ns: how long the one before was handled; FIRST: there was none. */
static struct request *pop_or_end(struct pool *pool, uint64_t took_ns)
{
    uv_mutex_lock(&pool->queue.lock);
    if (took_ns == FIRST)
        pool->coming--;
    else
        pace_took(&pool->pace, took_ns);
    struct request *request = queue_pop_locked(&pool->queue);
    if (!request)
        pool->running--;
    uv_mutex_unlock(&pool->queue.lock);
    return request;
}

static void on_work(uv_work_t *work)
{
    struct pool *pool = ((struct pump *)work->data)->pool;
    uint64_t now_ns = clock_ns(), took_ns = FIRST;
    struct request *request;
    while ((request = pop_or_end(pool, took_ns))) {
        took_ns = 0;
        if (!request_given_up(request)) {
            request->started_ns = now_ns;
            request->workload->run(request);
            request->finished_ns = now_ns = clock_ns();
            took_ns = clock_between(request->started_ns, now_ns);
        }
        request_done(request);
    }
}

static void give_back(struct pumps *pumps, struct pump *pump)
{
    pump->next_idle = pumps->idle;
    pumps->idle = pump;
    pumps->idle_count++;
}

static struct pump *take_idle(struct pumps *pumps)
{
    struct pump *pump = pumps->idle;
    pumps->idle = pump->next_idle;
    pumps->idle_count--;
    return pump;
}

static void on_worked(uv_work_t *work, int status);

/* Lock held. Whether a further pump is to be started: none runs, those that do have blocked, or are too few. */
static bool another_wanted(const struct pool *pool)
{
    unsigned waiting = pool->queue.waiting.count;
    if (waiting == 0 || pool->running == pool->queue.model->threads)
        return false;
    return pool->running == 0 || (pool->coming == 0 && pace_is_stalled(&pool->pace)) ||
           pace_another_pays(&pool->pace, waiting, pool->running, pool->coming);
}

/* LOOP. Hands over the batch, and starts as many pumps as pay. */
static void pump_on(struct pool *pool, struct loop *loop)
{
    struct pumps *pumps = &pool->loops[loop->id];
    unsigned more = 0;
    uv_mutex_lock(&pool->queue.lock);
    queue_flush_locked(&pool->queue, loop);
    for (; another_wanted(pool) && more < pumps->idle_count; more++) {
        pool->running++;
        pool->coming++;
    }
    pumps->too_few = another_wanted(pool);
    uint64_t taken_total = pool->queue.taken_total;
    uv_mutex_unlock(&pool->queue.lock);
    pumps->out += more;
    while (more--)
        CHECK(uv_queue_work(&loop->uv, &take_idle(pumps)->work, on_work, on_worked) == 0);
    if (pool->queue.model->threads > 1)
        watchdogs_start(&pool->watchdogs, loop, taken_total);
}

static void on_look(struct queue *queue, struct loop *loop, bool stalled)
{
    struct pool *pool = CONTAINER_OF(queue, struct pool, queue);
    if (stalled) {
        uv_mutex_lock(&queue->lock);
        pace_stalled(&pool->pace);
        uv_mutex_unlock(&queue->lock);
    }
    pump_on(pool, loop);
}

static void on_worked(uv_work_t *work, int status)
{
    (void)status; /* nothing cancels it */
    struct pump *pump = work->data;
    struct pumps *pumps = &pump->pool->loops[pump->loop_id];
    pumps->out--;
    give_back(pumps, pump);
    if (pumps->too_few)
        pump_on(pump->pool, pump->pool->queue.model->loops[pump->loop_id]);
}

static enum err make_pumps(struct pool *pool, unsigned loops, unsigned per_loop)
{
    pool->loops = calloc(loops, sizeof *pool->loops);
    pool->all = calloc((size_t)loops * per_loop, sizeof *pool->all);
    if (!pool->loops || !pool->all)
        return ERR_NOMEM;
    for (unsigned i = 0; i < loops * per_loop; i++) {
        struct pump *pump = &pool->all[i];
        pump->pool = pool;
        pump->work.data = pump;
        pump->loop_id = i / per_loop;
        give_back(&pool->loops[pump->loop_id], pump);
    }
    return ERR_OK;
}

static void free_pool(struct pool *pool)
{
    free(pool->all);
    free(pool->loops);
    free(pool);
}

static enum err start(struct model *model)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
    model->threads = (unsigned)model->config->threads;
    enum err err = make_pumps(pool, model->loop_count, PUMPS_PER_THREAD * model->threads);
    if (!err)
        err = queue_init(&pool->queue, model);
    if (!err) {
        err = watchdogs_init(&pool->watchdogs, &pool->queue, on_look);
        if (err)
            queue_free(&pool->queue);
    }
    if (err) {
        free_pool(pool);
        return err_fail(err, "out of memory for %s", model->ops->name);
    }
    model->own = pool;
    return ERR_OK;
}

static const char *refuses(const struct model *model, const struct request *request)
{
    (void)model;
    return request->workload->run ? NULL : "it has no blocking C form";
}

static enum err submit(struct model *model, struct request *request)
{
    struct pool *pool = model->own;
    return queue_submit(&pool->queue, request);
}

static void flush(struct model *model, struct loop *loop)
{
    struct pool *pool = model->own;
    if (!queue_batch_empty(&pool->queue, loop))
        pump_on(pool, loop);
}

static void stop(struct model *model)
{
    struct pool *pool = model->own;
    /* The last pumps have answered, but may not be back. */
    for (unsigned i = 0; i < model->loop_count; i++)
        while (pool->loops[i].out > 0)
            uv_run(&model->loops[i]->uv, UV_RUN_ONCE);
    CHECK(pool->running == 0);
    watchdogs_free(&pool->watchdogs);
    queue_free(&pool->queue);
    free_pool(pool);
}

const struct model_ops model_uv_pool = {
    .name = "uv-pool",
    .summary = "blocking C in libuv's thread pool: Node's worker threads",
    .start = start,
    .refuses = refuses,
    .submit = submit,
    .flush = flush,
    .stop = stop,
};
