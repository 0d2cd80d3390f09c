/* py-inline: the blocking Python form, on the event loop itself, holding the GIL meanwhile. Node's model, in Python.
 *
 * The GIL is taken at the first request of a batch and let go at its end: taken per request, a loop beside one busy
 * Python thread would wait CPython's 5 ms switch interval for each of them. */
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/loop.h"
#include "models/models.h"
#include "python/python_thread.h"
#include "python/workload_calls.h"

/* One per loop, its LOOP's only. */
struct inline_python {
    struct python_thread *thread; /* made at the loop's first request, on the loop's thread */
};

static enum err start(struct model *model)
{
    model->own = calloc(model->loop_count, sizeof(struct inline_python));
    return model->own ? ERR_OK : err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
}

/* Takes the GIL if this batch has not yet. */
static bool enter(struct inline_python *python, struct request *request)
{
    if (python->thread && python->thread->inside)
        return true;
    if (!python->thread && !(python->thread = python_thread_new()))
        return false;
    uint64_t waited_ns = counter_read(&python->thread->account.wait_ns);
    python_enter(python->thread);
    request->gil_ns = counter_read(&python->thread->account.wait_ns) - waited_ns;
    return true;
}

static enum err submit(struct model *model, struct request *request)
{
    struct inline_python *python = (struct inline_python *)model->own + request->loop->id;
    if (!enter(python, request))
        request_fail(request, "out of memory");
    else
        CHECK(workload_call(python->thread, request, request->submitted_ns));
    request_done(request);
    return ERR_OK;
}

static void flush(struct model *model, struct loop *loop)
{
    struct inline_python *python = (struct inline_python *)model->own + loop->id;
    if (python->thread && python->thread->inside)
        python_leave(python->thread);
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
    .flush = flush,
    .leave = leave,
    .stop = stop,
};
