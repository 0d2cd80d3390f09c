/* py-subinterp: the blocking Python form, in N subinterpreters, a thread and a GIL each (PEP 684). The way out of the
 * GIL in 3.12.
 *
 * The threads are a crew (python/crew.h); what making and ending interpreters needs is in python/interpreter.h. */
#include "models/models.h"
#include "python/crew.h"
#include "python/interpreter.h"
#include "python/workload_calls.h"

static enum err start(struct model *model)
{
    model->fallbacks = interpreter_fallbacks;
    return crew_start(model, CREW_OF_SUBINTERPRETERS);
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
    .submit = crew_submit,
    .flush = crew_flush,
    .stop = crew_stop,
};
