#include "python/interp/log_function.h"

#include "base/log.h"

static PyObject *write_log(PyObject *who, PyObject *text)
{
    PyObject *utf8 =
        PyUnicode_Check(text) ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : Py_NewRef(text);
    const char *bytes = utf8 ? PyBytes_AsString(utf8) : NULL;
    if (bytes)
        log_error("%s: %s", (const char *)PyCapsule_GetPointer(who, NULL), bytes);
    Py_XDECREF(utf8);
    return bytes ? Py_NewRef(Py_None) : NULL;
}

PyObject *log_function_new(const char *who)
{
    static PyMethodDef method = {"log", write_log, METH_O, NULL};
    PyObject *capsule = PyCapsule_New((void *)(uintptr_t)who, NULL, NULL);
    PyObject *function = capsule ? PyCFunction_New(&method, capsule) : NULL;
    Py_XDECREF(capsule);
    return function;
}
