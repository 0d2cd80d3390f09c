/* py-inline: the blocking Python variant, on the event loop itself, which holds the GIL meanwhile. Node's model, in
 * Python.
 *
 * The GIL is taken once per batch. If it were taken per request, a loop next to one busy Python thread would wait
 * CPython's switch interval of 5 ms for each request. */
#include <stdlib.h>

#include "base/check.h"
#include "core/loop.h"
#include "dispatch/batch.h"
#include "models/models.h"
#include "python/app/borrowed_bytes.h"
#include "python/interp/request_timing.h"
#include "python/interp/thread.h"
#include "python/workers/blocking_call.h"
#include "python/workloads/workload_module.h"

/* One per loop; LOOP only. */
struct inline_python {
    struct python_thread *thread; /* made on the loop's thread, at its first request */
    struct batch batch;
    uint64_t waited_ns; /* how long the current batch waited for the GIL */
};

static enum err start(struct model *model)
{
    model->own = cache_line_calloc(model->loop_count, sizeof(struct inline_python));
    return model->own ? ERR_OK : err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
}

static enum err submit(struct model *model, struct request *request)
{
    struct inline_python *python = (struct inline_python *)model->own + request->loop->id;
    batch_push(&python->batch, request);
    return ERR_OK;
}

static void fail_all(struct batch *batch)
{
    struct request *request;
    while ((request = batch_pop(batch))) {
        request_fail(request, "out of memory");
        request_done(request);
    }
}

/* LOOP, the GIL held. Returns the time at which the handler finished. */
static uint64_t run(void *own, struct request *request, uint64_t now_ns)
{
    struct inline_python *python = own;
    CHECK(blocking_call(python->thread, request, request_timing_pick_up(request, now_ns, python->waited_ns)));
    now_ns = request->finished_ns;
    request_done(request);
    return now_ns;
}

static bool work_off(struct model *model, struct loop *loop)
{
    struct inline_python *python = (struct inline_python *)model->own + loop->id;
    bool owes = python->thread && borrowed_bytes_is_due(python->thread);
    if (python->batch.waiting.count == 0 && !owes)
        return false;
    if (!python->thread && !(python->thread = python_thread_new())) {
        fail_all(&python->batch);
        return false;
    }
    uint64_t before_ns = counter_read(&python->thread->account.wait_ns);
    python_enter(python->thread);
    python->waited_ns = counter_read(&python->thread->account.wait_ns) - before_ns;
    borrowed_bytes_let_go(python->thread);
    bool more = batch_work_off(&python->batch, run, python);
    python_leave(python->thread);
    return more;
}

/* Only the thread itself may end its place in the interpreter. */
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
