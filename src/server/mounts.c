#include "server/mounts.h"

#include <string.h>

#include "models/models.h"
#include "native/native.h"
#include "python/app/app.h"

static bool any_runs_c(const struct models *models)
{
    for (unsigned i = 0; i < models->count; i++)
        if (!models->list[i].ops->needs_python)
            return true;
    return false;
}

enum err mounts_check(const struct config *config, const struct models *models)
{
    if (config->app && !models_need_python(models))
        return err_fail(ERR_INVALID, "APP: --mode %s runs no Python; give a py-… model, or compare", config->mode);
    if (config->native && !any_runs_c(models))
        return err_fail(ERR_INVALID, "--native: --mode %s runs no C; give uv-loop, uv-pool, or compare", config->mode);
    return ERR_OK;
}

unsigned mounts_list(const struct config *config, const struct workload *out[MOUNTS_MAX])
{
    unsigned count = 0;
    if (config->app)
        out[count++] = &app_workload;
    if (config->native)
        out[count++] = &native_workload;
    return count;
}

void mounts_list_absent(const struct config *config, struct absent_mount out[MOUNTS_MAX + 1])
{
    if (!config->app)
        *out++ = (struct absent_mount){app_workload.name, "tandem MODULE:ATTRIBUTE mounts an app"};
    if (!config->native)
        *out = (struct absent_mount){native_workload.name, "--native FILE.so mounts a handler in C"};
}

const struct workload *mounts_root(const struct config *config, const struct models *models)
{
    if (models->count != 1)
        return NULL;
    return config->app ? &app_workload : config->native ? &native_workload : NULL;
}

const char *mounts_pages_prefix(const struct config *config, const struct models *models)
{
    if (!config->pages)
        return mounts_root(config, models) ? MOUNTS_PAGES_PREFIX : "";
    if (strcmp(config->pages, "off") == 0)
        return NULL;
    return strcmp(config->pages, "/") == 0 ? "" : config->pages;
}

static bool any_runs_app(const struct models *models)
{
    for (unsigned i = 0; i < models->count; i++) {
        const struct model_ops *ops = models->list[i].ops;
        if (ops->needs_python && ops->evented == (app_workload.python == PYTHON_ASGI))
            return true;
    }
    return false;
}

enum err mounts_load_app(const struct config *config, const struct models *models)
{
    if (!config->app)
        return ERR_OK;
    enum err err = app_load(config);
    if (err || any_runs_app(models))
        return err;
    return app_workload.python == PYTHON_ASGI
               ? err_fail(ERR_INVALID, "APP: %s is an ASGI app, which --mode %s does not run; py-asyncio does",
                          config->app, config->mode)
               : err_fail(
                     ERR_INVALID,
                     "APP: %s is a WSGI app, which --mode %s does not run; py-inline, py-threads and py-subinterp do",
                     config->app, config->mode);
}

static bool any_runs_native(const struct models *models)
{
    for (unsigned i = 0; i < models->count; i++) {
        const struct model_ops *ops = models->list[i].ops;
        if (!ops->needs_python && (ops->evented ? native_workload.start : native_workload.run))
            return true;
    }
    return false;
}

enum err mounts_load_native(const struct config *config, const struct models *models)
{
    enum err err = native_load(config->native);
    if (err)
        return err;
    if (any_runs_native(models))
        return native_setup(config->native);
    return native_workload.start
               ? err_fail(ERR_INVALID,
                          "--native: %s has no run, only start, which --mode %s does not call; uv-loop does",
                          config->native, config->mode)
               : err_fail(ERR_INVALID,
                          "--native: %s has no start, only run, which --mode %s does not call; uv-pool does",
                          config->native, config->mode);
}
