/* py-asyncio: the evented Python form, on an asyncio loop with a thread of its own. uvicorn.
 *
 * The loop is in python/asyncio_loop.h, what it does with a coroutine in python/flight.h. */
#include "models/models.h"
#include "python/asyncio_loop.h"
#include "python/workload_calls.h"

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
    .start = asyncio_loop_start,
    .submit = asyncio_loop_submit,
    .flush = asyncio_loop_flush,
    .cancel = asyncio_loop_look_at_clients,
    .half_closed = asyncio_loop_look_at_clients,
    .stop = asyncio_loop_stop,
};
