#include "python/workers/worker_threads.h"

#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "dispatch/handoff.h"
#include "python/interp/request_timing.h"
#include "python/interp/thread.h"
#include "python/workers/blocking_call.h"

struct worker {
    struct worker_threads *worker_threads;
    unsigned index;
    uv_thread_t thread;
    char failure[512]; /* why the worker has no place in an interpreter; empty if it has */
};

struct worker_threads {
    enum worker_threads_kind kind;
    struct handoff handoff;
    struct worker workers[HANDOFF_WORKERS_MAX];
    uv_sem_t started; /* posted by each worker once it has its place in an interpreter, or has failed to get one */
};

/* WORKER, the GIL held. Handles requests until the queue is empty. waited_ns: how long the thread has just waited for
 * the GIL. */
static void work_off(struct handoff *handoff, struct python_thread *thread, uint64_t waited_ns)
{
    struct request *request = handoff_first(handoff);
    if (!request)
        return;
    uint64_t picked_up_ns = request_timing_pick_up(request, clock_ns(), waited_ns);
    do {
        uint64_t took_ns = 0;
        if (!request_given_up(request)) {
            bool kept = blocking_call(thread, request, picked_up_ns);
            uint64_t now_ns = kept ? request->finished_ns : clock_ns();
            took_ns = clock_between(picked_up_ns, now_ns);
            picked_up_ns = now_ns;
            if (!kept)
                request = NULL;
        }
        if (request)
            request_done(request);
        request = handoff_next(handoff, took_ns);
    } while (request);
}

/* WORKER. Makes the worker's place in its interpreter. NULL: worker->failure says why. */
static struct python_thread *join(struct worker *worker)
{
    bool own = worker->worker_threads->kind == THREADS_OF_SUBINTERPRETERS;
    struct python_thread *thread = own ? python_thread_new_interpreter() : python_thread_new();
    if (!thread)
        (void)snprintf(worker->failure, sizeof worker->failure, "%s", own ? err_message() : "out of memory");
    return thread;
}

static void run_worker(void *argument)
{
    struct worker *worker = argument;
    struct handoff *handoff = &worker->worker_threads->handoff;
    struct python_thread *thread = join(worker);
    if (thread && worker->worker_threads->kind == THREADS_OF_MAIN) {
        python_enter(thread);
        python_thread_is_no_daemon();
        python_leave(thread);
    }
    uv_sem_post(&worker->worker_threads->started);
    if (!thread)
        return;
    while (handoff_wait(handoff, worker->index)) {
        uint64_t before_ns = counter_read(&thread->account.wait_ns);
        python_enter(thread);
        work_off(handoff, thread, counter_read(&thread->account.wait_ns) - before_ns);
        python_leave(thread);
    }
    python_thread_end(thread);
}

/* Ends and joins the first count workers, and frees worker_threads. */
static void dismiss(struct worker_threads *worker_threads, unsigned count)
{
    handoff_close(&worker_threads->handoff);
    for (unsigned i = 0; i < count; i++)
        CHECK(uv_thread_join(&worker_threads->workers[i].thread) == 0);
    handoff_free(&worker_threads->handoff);
    uv_sem_destroy(&worker_threads->started);
    free(worker_threads);
}

/* Starts count workers and waits until each is ready or has failed. *started: how many threads there are to join, also
 * on error. */
static enum err start_workers(struct worker_threads *worker_threads, unsigned count, unsigned *started)
{
    enum err err = ERR_OK;
    for (*started = 0; *started < count && !err; ++*started) {
        struct worker *worker = &worker_threads->workers[*started];
        *worker = (struct worker){.worker_threads = worker_threads, .index = *started};
        int status = uv_thread_create(&worker->thread, run_worker, worker);
        if (status) {
            err = err_fail(ERR_SYSTEM, "--threads %u: cannot start thread %u: %s", count, *started + 1,
                           uv_strerror(status));
            break;
        }
    }
    /* Waits for all workers before it reads any failure: they post in any order. */
    for (unsigned i = 0; i < *started; i++)
        uv_sem_wait(&worker_threads->started);
    for (unsigned i = 0; i < *started && !err; i++)
        if (worker_threads->workers[i].failure[0])
            err = err_fail(ERR_PYTHON, "--threads %u: thread %u: %s", count, i + 1, worker_threads->workers[i].failure);
    return err;
}

enum err worker_threads_start(struct model *model, enum worker_threads_kind kind)
{
    unsigned started, threads = (unsigned)model->config->threads;
    struct worker_threads *worker_threads = calloc(1, sizeof *worker_threads);
    if (!worker_threads)
        return err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
    worker_threads->kind = kind;
    enum err err = handoff_init(&worker_threads->handoff, model,
                                kind == THREADS_OF_MAIN ? HANDOFF_SHARED_LOCK : HANDOFF_PARALLEL, threads);
    if (err) {
        free(worker_threads);
        return err;
    }
    CHECK(uv_sem_init(&worker_threads->started, 0) == 0);
    err = start_workers(worker_threads, threads, &started);
    if (err) {
        dismiss(worker_threads, started);
        return err;
    }
    model->threads = threads;
    model->own = worker_threads;
    return ERR_OK;
}

enum err worker_threads_submit(struct model *model, struct request *request)
{
    struct worker_threads *worker_threads = model->own;
    return handoff_submit(&worker_threads->handoff, request);
}

void worker_threads_flush(struct model *model, struct loop *loop)
{
    struct worker_threads *worker_threads = model->own;
    handoff_flush(&worker_threads->handoff, loop);
}

void worker_threads_stop(struct model *model)
{
    dismiss(model->own, model->threads);
}
