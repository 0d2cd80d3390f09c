/* uv-pool: the blocking C variant, in libuv's thread pool. The model of Node's worker threads.
 *
 * libuv takes one mutex, and mostly one wake-up, per uv_queue_work. One work item per request would add that price to
 * every request. So the pool gets jobs instead: each takes requests from the model's queue until the queue is empty.
 * The number of jobs at work is decided as for Python's threads (dispatch/handoff.h): one, unless more of them pay. */
#include <stdlib.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/list.h"
#include "core/loop.h"
#include "dispatch/queue.h"
#include "dispatch/service_time.h"
#include "dispatch/watchdog.h"
#include "models/models.h"

struct job {
    uv_work_t work;
    struct pool *pool;
    unsigned loop_id;      /* the loop that queues it, and that libuv returns it to */
    SLIST_ENTRY(job) link; /* in the loop's idle jobs */
};

/* The jobs of one loop; LOOP only. */
struct jobs {
    SLIST_HEAD(idle_jobs, job) idle;
    unsigned idle_count;
    unsigned out; /* handed to libuv, and not back yet */
    bool too_few; /* more jobs were wanted than were idle */
};

struct pool {
    struct queue queue; /* its lock also guards service_time, running and coming */
    struct watchdogs watchdogs;
    struct service_time service_time;
    unsigned running;   /* jobs in libuv's pool that may still take a request */
    unsigned coming;    /* of these, jobs that have not taken a request yet */
    struct job *all;    /* the jobs of all loops */
    struct jobs *loops; /* one entry per loop */
};

/* At most as many jobs run as the pool has threads. Others have ended but are not back: a loop may flush several times
 * before libuv returns them. If all are out, the first one that is back starts again. */
enum { JOBS_PER_THREAD = 4 };
#define FIRST UINT64_MAX

/* WORKER. Returns the job's next request; NULL: the job has ended. took_ns: how long the request before was handled;
 * FIRST: there was none. */
static struct request *pop_or_end(struct pool *pool, uint64_t took_ns)
{
    uv_mutex_lock(&pool->queue.lock);
    if (took_ns == FIRST)
        pool->coming--;
    else
        service_time_took(&pool->service_time, took_ns);
    struct request *request = queue_pop_locked(&pool->queue);
    if (!request)
        pool->running--;
    uv_mutex_unlock(&pool->queue.lock);
    return request;
}

static void on_work(uv_work_t *work)
{
    struct pool *pool = ((struct job *)work->data)->pool;
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

static void give_back(struct jobs *jobs, struct job *job)
{
    SLIST_INSERT_HEAD(&jobs->idle, job, link);
    jobs->idle_count++;
}

static struct job *take_idle(struct jobs *jobs)
{
    struct job *job = SLIST_FIRST(&jobs->idle);
    SLIST_REMOVE_HEAD(&jobs->idle, link);
    jobs->idle_count--;
    return job;
}

static void on_worked(uv_work_t *work, int status);

/* The lock held. True if another job should start: none runs, those that run are blocked, or they are too few. */
static bool another_wanted(const struct pool *pool)
{
    unsigned waiting = pool->queue.waiting.count;
    if (waiting == 0 || pool->running == pool->queue.model->threads)
        return false;
    return pool->running == 0 || (pool->coming == 0 && service_time_is_stalled(&pool->service_time)) ||
           service_time_another_pays(&pool->service_time, waiting, pool->running, pool->coming);
}

/* LOOP. Hands over the batch, and starts as many jobs as pay. */
static void submit_jobs(struct pool *pool, struct loop *loop)
{
    struct jobs *jobs = &pool->loops[loop->id];
    unsigned more = 0;
    uv_mutex_lock(&pool->queue.lock);
    queue_flush_locked(&pool->queue, loop);
    for (; another_wanted(pool) && more < jobs->idle_count; more++) {
        pool->running++;
        pool->coming++;
    }
    jobs->too_few = another_wanted(pool);
    uint64_t taken_total = pool->queue.taken_total;
    uv_mutex_unlock(&pool->queue.lock);
    jobs->out += more;
    while (more--)
        CHECK(uv_queue_work(&loop->uv, &take_idle(jobs)->work, on_work, on_worked) == 0);
    if (pool->queue.model->threads > 1)
        watchdogs_start(&pool->watchdogs, loop, taken_total);
}

static void on_look(struct queue *queue, struct loop *loop, bool stalled)
{
    struct pool *pool = CONTAINER_OF(queue, struct pool, queue);
    if (stalled) {
        uv_mutex_lock(&queue->lock);
        service_time_stalled(&pool->service_time);
        uv_mutex_unlock(&queue->lock);
    }
    submit_jobs(pool, loop);
}

static void on_worked(uv_work_t *work, int status)
{
    (void)status; /* nobody cancels it */
    struct job *job = work->data;
    struct jobs *jobs = &job->pool->loops[job->loop_id];
    jobs->out--;
    give_back(jobs, job);
    if (jobs->too_few)
        submit_jobs(job->pool, job->pool->queue.model->loops[job->loop_id]);
}

static enum err make_jobs(struct pool *pool, unsigned loops, unsigned per_loop)
{
    pool->loops = calloc(loops, sizeof *pool->loops);
    pool->all = calloc((size_t)loops * per_loop, sizeof *pool->all);
    if (!pool->loops || !pool->all)
        return ERR_NOMEM;
    for (unsigned i = 0; i < loops * per_loop; i++) {
        struct job *job = &pool->all[i];
        job->pool = pool;
        job->work.data = job;
        job->loop_id = i / per_loop;
        give_back(&pool->loops[job->loop_id], job);
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
    enum err err = make_jobs(pool, model->loop_count, JOBS_PER_THREAD * model->threads);
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
    return workload_c_refusal(request->workload, false);
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
        submit_jobs(pool, loop);
}

static void stop(struct model *model)
{
    struct pool *pool = model->own;
    /* The last jobs have answered, but libuv may not have returned them yet. */
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
