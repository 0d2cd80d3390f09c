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

struct pool {
    struct queue queue; /* its lock guards running, too */
    unsigned running;   /* pumps in libuv's pool that may still take a request */
    struct pump *pumps; /* all of them, of all loops */
    struct pump **idle; /* one list per loop, each its LOOP's only */
    unsigned *out;      /* per loop, its LOOP's only: pumps that libuv has */
};

/* A loop may flush twice before libuv gives it back the pumps that have ended: at most as many may run each time as the
 * pool has threads, and as many again may be on their way back. */
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

static void give_back(struct pump *pump)
{
    struct pump **idle = &pump->pool->idle[pump->loop_id];
    pump->next_idle = *idle;
    *idle = pump;
}

static void on_worked(uv_work_t *work, int status)
{
    (void)status; /* nothing cancels it */
    struct pump *pump = work->data;
    pump->pool->out[pump->loop_id]--;
    give_back(pump);
}

static enum err make_pumps(struct pool *pool, unsigned loops, unsigned per_loop)
{
    pool->idle = calloc(loops, sizeof(struct pump *));
    pool->pumps = calloc((size_t)loops * per_loop, sizeof *pool->pumps);
    pool->out = calloc(loops, sizeof(unsigned));
    if (!pool->idle || !pool->pumps || !pool->out)
        return ERR_NOMEM;
    for (unsigned i = 0; i < loops * per_loop; i++) {
        struct pump *pump = &pool->pumps[i];
        pump->pool = pool;
        pump->work.data = pump;
        pump->loop_id = i / per_loop;
        give_back(pump);
    }
    return ERR_OK;
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
        free(pool->pumps);
        free(pool->idle);
        free(pool->out);
        free(pool);
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
    if (queue_batch_empty(&pool->queue, loop))
        return;
    uv_mutex_lock(&pool->queue.lock);
    queue_flush_locked(&pool->queue, loop);
    /* Those that run may be busy for long, so as many as wait, as far as there are threads. */
    unsigned free_threads = model->threads - pool->running;
    unsigned more = pool->queue.waiting.count < free_threads ? pool->queue.waiting.count : free_threads;
    pool->running += more;
    uv_mutex_unlock(&pool->queue.lock);
    while (more--) {
        struct pump *pump = pool->idle[loop->id];
        CHECK(pump);
        pool->idle[loop->id] = pump->next_idle;
        pool->out[loop->id]++;
        CHECK(uv_queue_work(&loop->uv, &pump->work, on_work, on_worked) == 0);
    }
}

static void stop(struct model *model)
{
    struct pool *pool = model->own;
    /* The last pumps have answered, but may not be back. */
    for (unsigned i = 0; i < model->loop_count; i++)
        while (pool->out[i] > 0)
            uv_run(&model->loops[i]->uv, UV_RUN_ONCE);
    CHECK(pool->running == 0);
    queue_free(&pool->queue);
    free(pool->pumps);
    free(pool->idle);
    free(pool->out);
    free(pool);
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
