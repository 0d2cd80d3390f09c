#include "server/check_app.h"

#include <stdlib.h>
#include <uv.h>

#include "models/models.h"
#include "python/app/app.h"
#include "python/interp/runtime.h"
#include "python/workloads/workload_module.h"

/* The thread of a subinterpreter: in it the app is imported. */
static void import_in_subinterpreter(void *refusal)
{
    *(char **)refusal = app_try_in_subinterpreter();
}

/* *refusal: why a subinterpreter cannot have the app; owned, from malloc. NULL: it can. */
static enum err try_in_subinterpreter(char **refusal)
{
    uv_thread_t thread;
    int status = uv_thread_create(&thread, import_in_subinterpreter, refusal);
    if (!status)
        status = uv_thread_join(&thread);
    return status ? err_fail(ERR_SYSTEM, "cannot start a thread for a subinterpreter: %s", uv_strerror(status))
                  : ERR_OK;
}

static enum err check_model(const struct model_ops *model, FILE *out)
{
    enum err err = ERR_OK;
    char *refusal = NULL;
    const char *reason =
        model->needs_python ? workload_refusal(&app_workload, model->evented) : workload_c_refusal(&app_workload, true);
    if (!reason && model->own_gils)
        err = try_in_subinterpreter(&refusal);
    if (err)
        return err;
    reason = reason ? reason : refusal;
    fprintf(out, "%-14s %s%s\n", model->name, reason ? "no: " : "yes", reason ? reason : "");
    free(refusal);
    return ERR_OK;
}

enum err check_app(const struct config *config, FILE *out)
{
    enum err err = python_start(config->venv, config->gc_threshold);
    if (err)
        return err;
    err = app_load(config);
    const struct model_ops *model;
    for (unsigned i = 0; !err && (model = models_known(i)); i++)
        err = check_model(model, out);
    python_stop();
    return err;
}
