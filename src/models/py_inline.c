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
#include "python/body.h"
#include "python/python_thread.h"
#include "python/workload_calls.h"

/* For so long at most, and a handler more, answers wait for each other: CPython's switch interval, for which other
 * threads wait for the GIL anyway. */
static const uint64_t batch_ns = 5000000;

/* One per loop, its LOOP's only. */
struct inline_python {
    struct python_thread *thread; /* made at the loop's first request, on the loop's thread */
    struct request_list waiting;  /* submitted, not yet begun: at most one per connection */
};

static enum err start(struct model *model)
{
    model->own = calloc(model->loop_count, sizeof(struct inline_python));
    return model->own ? ERR_OK : err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
}

static enum err submit(struct model *model, struct request *request)
{
    struct inline_python *python = (struct inline_python *)model->own + request->loop->id;
    request_list_push(&python->waiting, request);
    atomic_fetch_add_explicit(&model->queue_length, 1, memory_order_relaxed);
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

/* The GIL held. waited_ns: how long it was waited for. */
static void run_batch(struct inline_python *python, uint64_t waited_ns)
{
    struct request *request = pop(python);
    body_let_go(python->thread);
    if (!request)
        return;
    uint64_t picked_up_ns = workload_pick_up(request, waited_ns), end_ns = picked_up_ns + batch_ns;
    do {
        if (!request_given_up(request)) {
            CHECK(workload_call(python->thread, request, picked_up_ns));
            picked_up_ns = request->finished_ns;
        }
        request_done(request);
    } while (picked_up_ns < end_ns && (request = pop(python)));
}

static bool work_off(struct model *model, struct loop *loop)
{
    struct inline_python *python = (struct inline_python *)model->own + loop->id;
    bool owes = python->thread && python->thread->returned;
    if (python->waiting.count == 0 && !owes)
        return false;
    if (!python->thread && !(python->thread = python_thread_new())) {
        fail_all(python);
        return false;
    }
    uint64_t before_ns = counter_read(&python->thread->account.wait_ns);
    python_enter(python->thread);
    run_batch(python, counter_read(&python->thread->account.wait_ns) - before_ns);
    python_leave(python->thread);
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
