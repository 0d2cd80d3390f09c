/* py-threads: the blocking Python form, in N threads of the main interpreter, one GIL. gunicorn's gthread, mod_wsgi.
 *
 * Each thread makes its thread state once and keeps it; it takes the GIL when it is woken and keeps it as long as there
 * is work. Who is woken, and when, is the hand-off's to say (core/handoff.h). */
#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/handoff.h"
#include "models/models.h"
#include "python/interpreter.h"
#include "python/workload_calls.h"

struct worker {
    struct crew *crew;
    unsigned index;
    uv_thread_t thread;
    bool failed; /* it had no memory for its thread state */
};

struct crew {
    struct handoff handoff;
    struct worker workers[HANDOFF_WORKERS_MAX];
    uv_sem_t started; /* a post by each worker that has made its thread state, or failed to */
};

/* The GIL held. Works off the queue. waited_ns: how long the GIL was waited for, until now. */
static void work_off(struct handoff *handoff, struct python_thread *thread, uint64_t waited_ns)
{
    struct request *request = handoff_first(handoff);
    if (!request)
        return;
    /* The wait was for the sake of the request at the head of the queue, from when that came. */
    uint64_t picked_up_ns = clock_ns();
    uint64_t in_queue_ns = clock_between(request->submitted_ns, picked_up_ns);
    request->gil_ns = waited_ns < in_queue_ns ? waited_ns : in_queue_ns;
    picked_up_ns -= request->gil_ns;
    do {
        if (!request_given_up(request)) {
            workload_call(thread, request, picked_up_ns);
            picked_up_ns = request->finished_ns;
        }
        request_done(request);
    } while ((request = handoff_next(handoff)));
}

static void run_worker(void *argument)
{
    struct worker *worker = argument;
    struct handoff *handoff = &worker->crew->handoff;
    struct python_thread *thread = python_thread_new();
    worker->failed = !thread;
    uv_sem_post(&worker->crew->started);
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

/* Ends and joins the first count workers, and frees the crew. */
static void dismiss(struct crew *crew, unsigned count)
{
    handoff_close(&crew->handoff);
    for (unsigned i = 0; i < count; i++)
        CHECK(uv_thread_join(&crew->workers[i].thread) == 0);
    handoff_free(&crew->handoff);
    uv_sem_destroy(&crew->started);
    free(crew);
}

/* Starts count workers and waits until each is ready. *started: how many run, also on error. */
static enum err start_workers(struct crew *crew, unsigned count, unsigned *started)
{
    enum err err = ERR_OK;
    for (*started = 0; *started < count && !err; ++*started) {
        struct worker *worker = &crew->workers[*started];
        *worker = (struct worker){.crew = crew, .index = *started};
        int status = uv_thread_create(&worker->thread, run_worker, worker);
        if (status) {
            err = err_fail(ERR_SYSTEM, "--threads %u: cannot start thread %u: %s", count, *started + 1,
                           uv_strerror(status));
            break;
        }
    }
    /* All of them first: they post in any order. */
    for (unsigned i = 0; i < *started; i++)
        uv_sem_wait(&crew->started);
    for (unsigned i = 0; i < *started && !err; i++)
        if (crew->workers[i].failed)
            err = err_fail(ERR_NOMEM, "--threads %u: out of memory for a thread state", count);
    return err;
}

static enum err start(struct model *model)
{
    unsigned started, threads = (unsigned)model->config->threads;
    struct crew *crew = calloc(1, sizeof *crew);
    if (!crew)
        return err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
    enum err err = handoff_init(&crew->handoff, model, threads);
    if (err) {
        free(crew);
        return err;
    }
    CHECK(uv_sem_init(&crew->started, 0) == 0);
    err = start_workers(crew, threads, &started);
    if (err) {
        dismiss(crew, started);
        return err;
    }
    model->threads = threads;
    model->own = crew;
    return ERR_OK;
}

static enum err submit(struct model *model, struct request *request)
{
    struct crew *crew = model->own;
    return handoff_submit(&crew->handoff, request);
}

static void flush(struct model *model, struct loop *loop)
{
    struct crew *crew = model->own;
    handoff_flush(&crew->handoff, loop);
}

static void stop(struct model *model)
{
    dismiss(model->own, model->threads);
}

const struct model_ops model_py_threads = {
    .name = "py-threads",
    .summary = "blocking Python in threads of one interpreter, under one GIL: gunicorn's gthread, mod_wsgi",
    .needs_python = true,
    .start = start,
    .submit = submit,
    .flush = flush,
    .stop = stop,
};
