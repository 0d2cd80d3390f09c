/* py-threads: the blocking Python form, in N threads of the main interpreter, one GIL. gunicorn's gthread, mod_wsgi.
 *
 * The threads are a crew (python/crew.h); who of them is woken, and when, is the hand-off's to say (core/handoff.h). */
#include "models/models.h"
#include "python/crew.h"
#include "python/workload_calls.h"

static enum err start(struct model *model)
{
    return crew_start(model, CREW_OF_MAIN);
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
    .submit = crew_submit,
    .flush = crew_flush,
    .stop = crew_stop,
};
