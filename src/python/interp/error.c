#include "python/interp/error.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* Returns a copy of a str as UTF-8, or of the fallback if text is NULL or cannot be encoded. Owned, from malloc.
 * Surrogates are escaped, as Python does on stderr. Steals text. */
static char *copy_and_drop(PyObject *text, const char *fallback)
{
    PyObject *utf8 = text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
    char *copy = strdup(utf8 ? PyBytes_AS_STRING(utf8) : fallback);
    PyErr_Clear();
    Py_XDECREF(utf8);
    Py_XDECREF(text);
    return copy;
}

static PyObject *format(PyObject *exception)
{
    PyObject *module = PyImport_ImportModule("traceback");
    PyObject *format_exception = module ? PyObject_GetAttrString(module, "format_exception") : NULL;
    Py_XDECREF(module);
    PyObject *lines = format_exception ? PyObject_CallOneArg(format_exception, exception) : NULL;
    PyObject *empty = PyUnicode_FromString("");
    PyObject *text = lines && empty ? PyUnicode_Join(empty, lines) : NULL;
    Py_XDECREF(empty);
    Py_XDECREF(lines);
    Py_XDECREF(format_exception);
    return text;
}

char *error_take_traceback(void)
{
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *text = format(exception);
    char *copy = copy_and_drop(text, Py_TYPE(exception)->tp_name);
    Py_DECREF(exception);
    if (copy && *copy && copy[strlen(copy) - 1] == '\n')
        copy[strlen(copy) - 1] = '\0';
    return copy;
}

/* True if the exception's type is one of tandem's own. Its name means nothing to the reader of a log. */
static bool is_own(PyObject *exception)
{
    PyObject *module = PyObject_GetAttrString((PyObject *)Py_TYPE(exception), "__module__");
    const char *name = module && PyUnicode_Check(module) ? PyUnicode_AsUTF8(module) : NULL;
    bool own = name && strncmp(name, "tandem.", sizeof "tandem." - 1) == 0;
    PyErr_Clear();
    Py_XDECREF(module);
    return own;
}

char *error_summary(void)
{
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *text = is_own(exception) ? PyObject_Str(exception)
                                       : PyUnicode_FromFormat("%s: %S", Py_TYPE(exception)->tp_name, exception);
    char *copy = copy_and_drop(text, Py_TYPE(exception)->tp_name);
    PyErr_SetRaisedException(exception);
    return copy;
}

char *error_take_summary(void)
{
    char *summary = error_summary();
    PyErr_Clear();
    return summary;
}

/* Returns the cause of an exception. For an ImportError without one, returns the exception that was being handled when
 * it was raised: an import within an import. Others may have been raised in place of an import that failed. A new
 * reference, or NULL. */
static PyObject *cause_of(PyObject *exception)
{
    PyObject *cause = PyException_GetCause(exception);
    if (cause || !PyErr_GivenExceptionMatches(exception, PyExc_ImportError) ||
        ((PyBaseExceptionObject *)exception)->suppress_context)
        return cause;
    return PyException_GetContext(exception);
}

static bool refuses_subinterpreters(PyObject *exception)
{
    static const char phrase[] = "does not support loading in subinterpreters";
    PyObject *text = PyErr_GivenExceptionMatches(exception, PyExc_ImportError) ? PyObject_Str(exception) : NULL;
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    /* NumPy has an essay around it; the module's own line has nothing else. */
    bool refuses = utf8 && strstr(utf8, phrase) && !strchr(utf8, '\n');
    PyErr_Clear();
    Py_XDECREF(text);
    return refuses;
}

char *error_refused_module(void)
{
    enum { CAUSES_MAX = 100 }; /* a chain may be a circle */
    PyObject *raised = PyErr_GetRaisedException(), *each = Py_NewRef(raised);
    char *innermost = NULL;
    for (unsigned i = 0; each && i < CAUSES_MAX; i++) {
        if (refuses_subinterpreters(each)) {
            free(innermost);
            innermost = copy_and_drop(PyUnicode_FromFormat("%s: %S", Py_TYPE(each)->tp_name, each), "ImportError");
        }
        PyObject *cause = cause_of(each);
        Py_DECREF(each);
        each = cause;
    }
    Py_XDECREF(each);
    PyErr_SetRaisedException(raised);
    return innermost;
}

void error_log(const char *who)
{
    char *traceback = error_take_traceback();
    log_error("%s: %s", who, traceback ? traceback : "out of memory");
    free(traceback);
}

void error_fail(struct request *request)
{
    char *traceback = error_take_traceback();
    request_fail(request, "%s", traceback ? traceback : "out of memory");
    free(traceback);
}
