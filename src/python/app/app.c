#include "python/app/app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "python/interp/error.h"
#include "python/interp/fork_child.h"
#include "python/interp/module_dir.h"
#include "python/interp/thread.h"

struct workload app_workload = {.name = "app", .is_mount = true, .streams_in = true};

static const struct config *config;
static char directory[PATHS_MAX]; /* --app-dir, absolute: the app may change the working directory */

static const char *const interfaces[] = {"auto", "wsgi", "asgi"}; /* by enum interface_choice */

/* Sets directory. Called before any of the app's code has run. */
static enum err find_directory(void)
{
    if (config->app_dir[0] == '/' && strlen(config->app_dir) < sizeof directory) {
        strcpy(directory, config->app_dir);
        return ERR_OK;
    }
    if (!getcwd(directory, sizeof directory))
        return err_fail(ERR_SYSTEM, "--app-dir: cannot tell the current directory: %s", strerror(errno));
    size_t length = strlen(directory);
    if (snprintf(directory + length, sizeof directory - length, "/%s", config->app_dir) >=
        (int)(sizeof directory - length))
        return err_fail(ERR_INVALID, "--app-dir: the path is too long");
    return ERR_OK;
}

/* The GIL held. Calls tandem.app.load. Returns a new reference; NULL with an exception set. Names and paths that are
 * not UTF-8 have surrogates, as in all of Python (PEP 383). */
static PyObject *call_load(PyObject *module)
{
    PyObject *name = PyUnicode_DecodeFSDefault(config->app);
    PyObject *path = name ? PyUnicode_DecodeFSDefault(directory) : NULL;
    PyObject *loaded = path ? PyObject_CallMethod(module, "load", "OOOs", name, path,
                                                  config->factory ? Py_True : Py_False, interfaces[config->interface])
                            : NULL;
    Py_XDECREF(path);
    Py_XDECREF(name);
    return loaded;
}

/* The GIL held. Imports the app. Returns the tuple (app, interface), a new reference; NULL with an exception set. */
static PyObject *load(void)
{
    /* With --reload no bytecode is written: it would pass as current if the source changed within the same second and
     * kept its length. */
    if (config->reload && PySys_SetObject("dont_write_bytecode", Py_True) != 0)
        return NULL;
    PyObject *module = PyImport_ImportModule("tandem.app");
    PyObject *loaded = module ? call_load(module) : NULL;
    Py_XDECREF(module);
    fork_child_check();
    return loaded;
}

PyObject *app_import(struct interpreter *interpreter)
{
    if (!interpreter->app) {
        PyObject *loaded = load();
        interpreter->app = loaded ? Py_NewRef(PyTuple_GET_ITEM(loaded, 0)) : NULL;
        Py_XDECREF(loaded);
    }
    return Py_XNewRef(interpreter->app);
}

char *app_try_in_subinterpreter(void)
{
    struct python_thread *thread = python_thread_new_interpreter();
    if (!thread)
        return strdup(err_message());
    char *refusal = NULL;
    python_enter(thread);
    PyObject *app = app_import(thread->interpreter);
    if (!app) {
        refusal = error_refused_module();
        refusal = refusal ? refusal : error_summary();
        PyErr_Clear();
    }
    Py_XDECREF(app);
    python_leave(thread);
    python_thread_end(thread);
    return refusal;
}

static bool is_no_app(PyObject *exception)
{
    PyObject *module = PyImport_ImportModule("tandem.app");
    PyObject *no_app = module ? PyObject_GetAttrString(module, "NoApp") : NULL;
    bool is = no_app && PyErr_GivenExceptionMatches(exception, no_app);
    Py_XDECREF(no_app);
    Py_XDECREF(module);
    PyErr_Clear();
    return is;
}

/* The GIL held, an exception set. Clears it and returns ERR_APP. Logs the traceback if the app itself raised it. */
static enum err refuse(void)
{
    PyObject *exception = PyErr_GetRaisedException();
    bool raised_by_app = !is_no_app(exception);
    bool lacks_packages = !config->venv && PyErr_GivenExceptionMatches(exception, PyExc_ModuleNotFoundError);
    PyErr_SetRaisedException(exception);
    char *summary = error_summary(), *traceback = error_take_traceback();
    if (raised_by_app)
        log_error("%s", traceback ? traceback : "out of memory");
    enum err err = err_fail(ERR_APP, "APP: %s cannot be loaded: %s%s", config->app, summary ? summary : "out of memory",
                            lacks_packages ? "; --venv DIR gives it a virtual environment's packages" : "");
    free(traceback);
    free(summary);
    return err;
}

enum err app_load(const struct config *given)
{
    config = given;
    enum err err = find_directory();
    if (err)
        return err;
    struct python_thread *thread = python_thread_new();
    if (!thread)
        return err_fail(ERR_NOMEM, "out of memory for a thread state");
    python_enter(thread);
    PyObject *loaded = load();
    if (loaded) {
        thread->interpreter->app = Py_NewRef(PyTuple_GET_ITEM(loaded, 0));
        app_workload.python =
            PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(loaded, 1), "asgi") == 0 ? PYTHON_ASGI : PYTHON_WSGI;
        app_workload.takes_websockets = app_workload.python == PYTHON_ASGI;
    } else {
        err = refuse();
    }
    Py_XDECREF(loaded);
    python_leave(thread);
    return err;
}
