/* py-subinterp: the blocking Python variant, in N subinterpreters, each with a thread and a GIL (PEP 684). CPython
 * 3.12's way around the GIL.
 *
 * The threads are worker threads (python/workers/worker_threads.h). python/interp/interpreter.h says what it takes to
 * make and end interpreters. */
#include "models/models.h"
#include "python/interp/interpreter.h"
#include "python/workers/worker_threads.h"
#include "python/workloads/workload_module.h"

static enum err start(struct model *model)
{
    model->fallbacks = interpreter_fallbacks;
    enum err err = worker_threads_start(model, THREADS_OF_SUBINTERPRETERS);
    model->warning = interpreter_faults();
    return err;
}

static const char *refuses(const struct model *model, const struct request *request)
{
    (void)model;
    return workload_refusal(request->workload, false);
}

const struct model_ops model_py_subinterp = {
    .name = "py-subinterp",
    .summary = "blocking Python in subinterpreters with a GIL each (PEP 684): the way out of the GIL",
    .needs_python = true,
    .own_gils = true,
    .refuses = refuses,
    .start = start,
    .submit = worker_threads_submit,
    .flush = worker_threads_flush,
    .stop = worker_threads_stop,
};
