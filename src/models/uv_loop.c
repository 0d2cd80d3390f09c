/* uv-loop: the evented C form, on the event loop that owns the connection. Node's model.
 *
 * No thread, no queue, no hand-off: what a form does not wait for, it does while every other connection of the loop
 * waits. */
#include "core/loop.h"
#include "models/models.h"

static enum err start(struct model *model)
{
    (void)model;
    return ERR_OK;
}

static const char *refuses(const struct model *model, const struct request *request)
{
    (void)model;
    return request->workload->start ? NULL : "it has no evented C form";
}

static enum err submit(struct model *model, struct request *request)
{
    (void)model;
    request->started_ns = request->submitted_ns;
    request->workload->start(request);
    return ERR_OK;
}

static void cancel(struct model *model, struct request *request)
{
    (void)model;
    if (request->workload->cancel)
        request->workload->cancel(request);
}

static void stop(struct model *model)
{
    (void)model;
}

const struct model_ops model_uv_loop = {
    .name = "uv-loop",
    .summary = "evented C on the event loop that owns the connection: Node's model",
    .on_loop = true,
    .evented = true,
    .start = start,
    .refuses = refuses,
    .submit = submit,
    .cancel = cancel,
    .stop = stop,
};
