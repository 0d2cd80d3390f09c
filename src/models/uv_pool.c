/* uv-pool: the blocking C form, in libuv's thread pool. Node's worker threads.
 *
 * libuv takes one mutex, and mostly one wake-up, per uv_queue_work; a request each would make that the price of every
 * request. So what goes into the pool are pumps: each takes requests from the model's queue until it is empty, and
 * there are never more of them than the pool has threads, nor than requests wait. */
#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/loop.h"
#include "core/queue.h"
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
    struct queue queue;  /* its lock guards running, too */
    unsigned running;    /* pumps in libuv's pool that may still take a request */
    struct pump *all;    /* of all loops */
    struct pumps *loops; /* one entry per loop */
};

/* At most as many run as the pool has threads, and others have ended, but are not back: a loop may flush several times
 * before libuv comes to those. Where all are out, the first one that is back starts again. */
enum { PUMPS_PER_THREAD = 4 };

/* WORKER, the lock held. */
static struct request *pop_or_end(struct pool *pool)
{
    struct request *request = queue_pop_locked(&pool->queue);
    if (!request)
        pool->running--;
    return request;
}

static void on_work(uv_work_t *work)
{
    struct pool *pool = ((struct pump *)work->data)->pool;
    uint64_t now_ns = clock_ns();
    for (;;) {
        uv_mutex_lock(&pool->queue.lock);
        struct request *request = pop_or_end(pool);
        uv_mutex_unlock(&pool->queue.lock);
        if (!request)
            return;
        if (!request_given_up(request)) {
            request->started_ns = now_ns;
            request->workload->run(request);
            request->finished_ns = now_ns = clock_ns();
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

/* LOOP. Hands over the batch, and starts as many pumps as requests wait, as far as there are threads: those that run
 * may be busy for long. */
static void pump_on(struct model *model, struct loop *loop)
{
    struct pool *pool = model->own;
    struct pumps *pumps = &pool->loops[loop->id];
    uv_mutex_lock(&pool->queue.lock);
    queue_flush_locked(&pool->queue, loop);
    unsigned free_threads = model->threads - pool->running;
    unsigned more = pool->queue.waiting.count < free_threads ? pool->queue.waiting.count : free_threads;
    pumps->too_few = more > pumps->idle_count;
    if (pumps->too_few)
        more = pumps->idle_count;
    pool->running += more;
    uv_mutex_unlock(&pool->queue.lock);
    pumps->out += more;
    while (more--)
        CHECK(uv_queue_work(&loop->uv, &take_idle(pumps)->work, on_work, on_worked) == 0);
}

static void on_worked(uv_work_t *work, int status)
{
    (void)status; /* nothing cancels it */
    struct pump *pump = work->data;
    struct pumps *pumps = &pump->pool->loops[pump->loop_id];
    struct model *model = pump->pool->queue.model;
    pumps->out--;
    give_back(pumps, pump);
    if (pumps->too_few)
        pump_on(model, model->loops[pump->loop_id]);
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
        pump_on(model, loop);
}

static void stop(struct model *model)
{
    struct pool *pool = model->own;
    /* The last pumps have answered, but may not be back. */
    for (unsigned i = 0; i < model->loop_count; i++)
        while (pool->loops[i].out > 0)
            uv_run(&model->loops[i]->uv, UV_RUN_ONCE);
    CHECK(pool->running == 0);
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
