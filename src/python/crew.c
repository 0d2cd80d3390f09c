#include "python/crew.h"

#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/handoff.h"
#include "python/blocking_call.h"
#include "python/python_thread.h"
#include "python/request_timing.h"

struct worker {
    struct crew *crew;
    unsigned index;
    uv_thread_t thread;
    char failure[512]; /* why it has no place in an interpreter; empty where it has */
};

struct crew {
    enum crew_kind kind;
    struct handoff handoff;
    struct worker workers[HANDOFF_WORKERS_MAX];
    uv_sem_t started; /* a post by each worker that has its place in an interpreter, or failed to */
};

/* The GIL held. Works off the queue. waited_ns: how long the GIL was waited for, until now. */
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

/* The worker's thread. NULL: worker->failure says why. */
static struct python_thread *join(struct worker *worker)
{
    bool own = worker->crew->kind == CREW_OF_SUBINTERPRETERS;
    struct python_thread *thread = own ? python_thread_new_interpreter() : python_thread_new();
    if (!thread)
        (void)snprintf(worker->failure, sizeof worker->failure, "%s", own ? err_message() : "out of memory");
    return thread;
}

static void run_worker(void *argument)
{
    struct worker *worker = argument;
    struct handoff *handoff = &worker->crew->handoff;
    struct python_thread *thread = join(worker);
    if (thread && worker->crew->kind == CREW_OF_MAIN) {
        python_enter(thread);
        python_thread_is_no_daemon();
        python_leave(thread);
    }
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
        if (crew->workers[i].failure[0])
            err = err_fail(ERR_PYTHON, "--threads %u: thread %u: %s", count, i + 1, crew->workers[i].failure);
    return err;
}

enum err crew_start(struct model *model, enum crew_kind kind)
{
    unsigned started, threads = (unsigned)model->config->threads;
    struct crew *crew = calloc(1, sizeof *crew);
    if (!crew)
        return err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
    crew->kind = kind;
    enum err err =
        handoff_init(&crew->handoff, model, kind == CREW_OF_MAIN ? HANDOFF_SHARED_LOCK : HANDOFF_PARALLEL, threads);
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

enum err crew_submit(struct model *model, struct request *request)
{
    struct crew *crew = model->own;
    return handoff_submit(&crew->handoff, request);
}

void crew_flush(struct model *model, struct loop *loop)
{
    struct crew *crew = model->own;
    handoff_flush(&crew->handoff, loop);
}

void crew_stop(struct model *model)
{
    dismiss(model->own, model->threads);
}
