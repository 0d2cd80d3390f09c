/* uv-loop: the evented C variant, on the event loop that owns the connection. Node's model.
 *
 * There is no thread and no hand-off: whatever a handler does without waiting, every other connection of its loop waits
 * for. */
#include <stdlib.h>

#include "base/clock.h"
#include "core/loop.h"
#include "dispatch/batch.h"
#include "models/models.h"

static enum err start(struct model *model)
{
    model->own = cache_line_calloc(model->loop_count, sizeof(struct batch)); /* one per loop */
    return model->own ? ERR_OK : err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
}

static struct batch *batch_of(const struct model *model, const struct loop *loop)
{
    return (struct batch *)model->own + loop->id;
}

static const char *refuses(const struct model *model, const struct request *request)
{
    (void)model;
    return workload_c_refusal(request->workload, true);
}

static enum err submit(struct model *model, struct request *request)
{
    batch_push(batch_of(model, request->loop), request);
    return ERR_OK;
}

static uint64_t run(void *own, struct request *request, uint64_t now_ns)
{
    (void)own;
    const struct loop *loop = request->loop;
    uint64_t before_ns = loop->answered_ns;
    bool is_mount = request->workload->is_mount;
    request->started_ns = now_ns;
    request->workload->start(request);
    /* The request may be answered and freed already. Its answer has read the clock, and is the last that a workload
     * does. A handler of the user's may do more after it. */
    return loop->answered_ns != before_ns && !is_mount ? loop->answered_ns : clock_ns();
}

static bool work_off(struct model *model, struct loop *loop)
{
    return batch_work_off(batch_of(model, loop), run, NULL);
}

static void cancel(struct model *model, struct request *request)
{
    (void)model;
    if (request->started_ns && request->workload->cancel)
        request->workload->cancel(request); /* else the batch gives it back before it starts */
}

static void stop(struct model *model)
{
    free(model->own);
}

const struct model_ops model_uv_loop = {
    .name = "uv-loop",
    .summary = "evented C on the event loop that owns the connection: Node's model",
    .on_loop = true,
    .evented = true,
    .start = start,
    .refuses = refuses,
    .submit = submit,
    .work_off = work_off,
    .cancel = cancel,
    .stop = stop,
};
