/* py-asyncio: the evented Python form, on an asyncio loop with a thread of its own. uvicorn.
 *
 * The loop is in python/asyncio_loop.h, what it does with a coroutine in python/flight.h. */
#include "models/models.h"
#include "python/asyncio_loop.h"

const struct model_ops model_py_asyncio = {
    .name = "py-asyncio",
    .summary = "evented Python on an asyncio loop with a thread of its own: uvicorn",
    .needs_python = true,
    .evented = true,
    .start = asyncio_loop_start,
    .submit = asyncio_loop_submit,
    .flush = asyncio_loop_flush,
    .cancel = asyncio_loop_cancel,
    .stop = asyncio_loop_stop,
};
