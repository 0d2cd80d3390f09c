#include "python/wsgi/errors.h"

#include "python/interp/error.h"
#include "python/interp/thread.h"

static const char capsule_name[] = "tandem.wsgi.errors";

/* The app may keep wsgi.errors and write to it at any time: a struct python_thread lives longer than Python does. */
static PyObject *begin_line(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct python_thread *thread = PyCapsule_GetPointer(self, capsule_name);
    if (!thread)
        return NULL;
    thread->line_begun = true;
    return Py_NewRef(Py_None);
}

PyObject *wsgi_errors_begin_line_new(struct python_thread *thread)
{
    static PyMethodDef method = {"begin_line", begin_line, METH_NOARGS, NULL};
    PyObject *capsule = PyCapsule_New(thread, capsule_name, NULL);
    PyObject *function = capsule ? PyCFunction_New(&method, capsule) : NULL;
    Py_XDECREF(capsule);
    return function;
}

bool wsgi_errors_open(struct python_thread *thread, PyObject *common)
{
    thread->errors = Py_XNewRef(PyDict_GetItemString(common, "wsgi.errors"));
    if (!thread->errors)
        PyErr_SetString(PyExc_KeyError, "wsgi.errors");
    return thread->errors != NULL;
}

void wsgi_errors_close(struct python_thread *thread)
{
    Py_CLEAR(thread->errors);
}

void wsgi_errors_flush(struct python_thread *thread)
{
    thread->line_begun = false;
    PyObject *flushed = PyObject_CallMethod(thread->errors, "flush", NULL);
    if (!flushed)
        error_log("app");
    Py_XDECREF(flushed);
}
