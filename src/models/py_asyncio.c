/* py-asyncio: the evented Python variant, on an asyncio loop with a thread of its own. uvicorn's model.
 *
 * The loop is in python/workers/event_loop.h; python/workers/task.h says how a coroutine is run. */
#include "models/models.h"
#include "python/workers/event_loop.h"
#include "python/workloads/workload_module.h"

static const char *refuses(const struct model *model, const struct request *request)
{
    (void)model;
    return workload_refusal(request->workload, true);
}

const struct model_ops model_py_asyncio = {
    .name = "py-asyncio",
    .summary = "evented Python on an asyncio loop with a thread of its own: uvicorn",
    .needs_python = true,
    .evented = true,
    .refuses = refuses,
    .start = event_loop_start,
    .submit = event_loop_submit,
    .flush = event_loop_flush,
    .cancel = event_loop_look_at_clients,
    .half_closed = event_loop_look_at_clients,
    .stop = event_loop_stop,
};
