#include "python/interp/log_function.h"

#include <string.h>

#include "base/log.h"

static enum log_level level_of(const char *name)
{
    return strcmp(name, "info") == 0 ? LOG_INFO : strcmp(name, "warning") == 0 ? LOG_WARN : LOG_ERROR;
}

static PyObject *write_log(PyObject *who, PyObject *arguments)
{
    PyObject *text;
    const char *name = "error";
    if (!PyArg_ParseTuple(arguments, "O|s", &text, &name))
        return NULL;
    PyObject *utf8 =
        PyUnicode_Check(text) ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : Py_NewRef(text);
    const char *bytes = utf8 ? PyBytes_AsString(utf8) : NULL;
    if (bytes)
        log_write(level_of(name), "%s: %s", (const char *)PyCapsule_GetPointer(who, NULL), bytes);
    Py_XDECREF(utf8);
    return bytes ? Py_NewRef(Py_None) : NULL;
}

PyObject *log_function_new(const char *who)
{
    static PyMethodDef method = {"log", write_log, METH_VARARGS, NULL};
    PyObject *capsule = PyCapsule_New((void *)(uintptr_t)who, NULL, NULL);
    PyObject *function = capsule ? PyCFunction_New(&method, capsule) : NULL;
    Py_XDECREF(capsule);
    return function;
}
