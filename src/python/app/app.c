#include "python/app/app.h"

#include <stdlib.h>

#include "base/log.h"
#include "python/interp/error.h"
#include "python/interp/thread.h"

struct workload app_workload = {.name = "app", .is_mount = true, .streams_in = true};

static const struct config *config;

static const char *const interfaces[] = {"auto", "wsgi", "asgi"}; /* by enum interface_choice */

/* The GIL held. Imports the app. Returns the tuple (app, interface), a new reference; NULL with an exception set. */
static PyObject *load(void)
{
    /* With --reload no bytecode is written: it would pass as current if the source changed within the same second and
     * kept its length. */
    if (config->reload && PySys_SetObject("dont_write_bytecode", Py_True) != 0)
        return NULL;
    PyObject *module = PyImport_ImportModule("tandem.app");
    PyObject *loaded = module ? PyObject_CallMethod(module, "load", "ssOs", config->app, config->app_dir,
                                                    config->factory ? Py_True : Py_False, interfaces[config->interface])
                              : NULL;
    Py_XDECREF(module);
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
    struct python_thread *thread = python_thread_new();
    if (!thread)
        return err_fail(ERR_NOMEM, "out of memory for a thread state");
    enum err err = ERR_OK;
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
