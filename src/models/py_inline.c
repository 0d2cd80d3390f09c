/* py-inline: the blocking Python form, on the event loop itself, holding the GIL meanwhile. Node's model, in Python.
 *
 * What has come is worked off together, and then sent: a handler that has the network's sending before and behind it
 * finds its caches cold, and each answer sent by itself wakes its client's core (docs/performance.md). The GIL is taken
 * once for that: taken per request, a loop beside one busy Python thread would wait CPython's 5 ms switch interval for
 * each of them. */
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/loop.h"
#include "models/models.h"
#include "python/lent_body.h"
#include "python/python_thread.h"
#include "python/workload_calls.h"

/* For so long at most, and a handler more, answers wait for each other: CPython's switch interval, for which other
 * threads wait for the GIL anyway. */
static const uint64_t batch_ns = 5000000;

/* One per loop, its LOOP's only. */
struct inline_python {
    struct python_thread *thread; /* made at the loop's first request, on the loop's thread */
    struct request_list waiting;  /* submitted, not yet begun */
};

static enum err start(struct model *model)
{
    model->own = calloc(model->loop_count, sizeof(struct inline_python));
    return model->own ? ERR_OK : err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
}

static void push(struct inline_python *python, struct request *request)
{
    request_list_push(&python->waiting, request);
    atomic_fetch_add_explicit(&request->model->queue_length, 1, memory_order_relaxed);
}

static enum err submit(struct model *model, struct request *request)
{
    push((struct inline_python *)model->own + request->loop->id, request);
    return ERR_OK;
}

/* NULL where none waits. */
static struct request *pop(struct inline_python *python)
{
    struct request *request = request_list_pop(&python->waiting);
    if (request)
        atomic_fetch_sub_explicit(&request->model->queue_length, 1, memory_order_relaxed);
    return request;
}

static void fail_all(struct inline_python *python)
{
    struct request *request;
    while ((request = pop(python))) {
        request_fail(request, "out of memory");
        request_done(request);
    }
}

/* Nobody waits for it any more, or it has waited for so long that its answer is a 504 anyway. */
static bool is_late(const struct model *model, const struct request *request, uint64_t now_ns)
{
    return request_given_up(request) ||
           clock_between(request->submitted_ns, now_ns) > model->config->request_timeout_ns;
}

/* The GIL held. waited_ns: how long it was waited for, by all that wait here. */
static void run_batch(const struct model *model, struct inline_python *python, uint64_t waited_ns)
{
    uint64_t now_ns = clock_ns(), end_ns = now_ns + batch_ns;
    struct request *request;
    while (now_ns < end_ns && (request = pop(python))) {
        if (!is_late(model, request, now_ns)) {
            CHECK(workload_call(python->thread, request, workload_pick_up(request, now_ns, waited_ns)));
            now_ns = request->finished_ns;
        }
        request_done(request);
    }
}

/* Handlers that take long leave some waiting; whoever has left meanwhile is not to stay in the list until it is its
 * turn, which may be late, and others may come in its place. */
static void drop_late(const struct model *model, struct inline_python *python)
{
    uint64_t now_ns = clock_ns();
    for (unsigned left = python->waiting.count; left > 0; left--) {
        struct request *request = pop(python);
        if (is_late(model, request, now_ns))
            request_done(request);
        else
            push(python, request);
    }
}

static bool work_off(struct model *model, struct loop *loop)
{
    struct inline_python *python = (struct inline_python *)model->own + loop->id;
    bool owes = python->thread && lent_body_is_due(python->thread);
    if (python->waiting.count == 0 && !owes)
        return false;
    if (!python->thread && !(python->thread = python_thread_new())) {
        fail_all(python);
        return false;
    }
    uint64_t before_ns = counter_read(&python->thread->account.wait_ns);
    python_enter(python->thread);
    lent_body_let_go(python->thread);
    run_batch(model, python, counter_read(&python->thread->account.wait_ns) - before_ns);
    python_leave(python->thread);
    if (python->waiting.count > 0)
        drop_late(model, python);
    return python->waiting.count > 0;
}

/* Only its own thread may end a thread's place in the interpreter. */
static void leave(struct model *model, struct loop *loop)
{
    struct inline_python *python = (struct inline_python *)model->own + loop->id;
    if (python->thread)
        python_thread_end(python->thread);
    python->thread = NULL;
}

static void stop(struct model *model)
{
    free(model->own);
}

static const char *refuses(const struct model *model, const struct request *request)
{
    (void)model;
    return workload_refusal(request->workload, false);
}

const struct model_ops model_py_inline = {
    .name = "py-inline",
    .summary = "blocking Python on the event loop that owns the connection: Node's model, in Python",
    .needs_python = true,
    .on_loop = true,
    .refuses = refuses,
    .start = start,
    .submit = submit,
    .work_off = work_off,
    .leave = leave,
    .stop = stop,
};
