/* py-threads: the blocking Python variant, in N threads of the main interpreter, under one GIL. The model of gunicorn's
 * gthread and mod_wsgi.
 *
 * The threads are worker threads (python/workers/worker_threads.h). The hand-off decides which of them is woken, and
 * when (dispatch/handoff.h). */
#include "models/models.h"
#include "python/workers/worker_threads.h"
#include "python/workloads/workload_module.h"

static enum err start(struct model *model)
{
    return worker_threads_start(model, THREADS_OF_MAIN);
}

static const char *refuses(const struct model *model, const struct request *request)
{
    (void)model;
    return workload_refusal(request->workload, false);
}

const struct model_ops model_py_threads = {
    .name = "py-threads",
    .summary = "blocking Python in threads of one interpreter, under one GIL: gunicorn's gthread, mod_wsgi",
    .needs_python = true,
    .refuses = refuses,
    .start = start,
    .submit = worker_threads_submit,
    .flush = worker_threads_flush,
    .stop = worker_threads_stop,
};
