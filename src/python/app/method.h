/* The methods that an app gets for one request, such as write() and send(). */
#ifndef TANDEM_PYTHON_APP_METHOD_H
#define TANDEM_PYTHON_APP_METHOD_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

/* The GIL held. True if only the caller holds this object from PyCFunction_New, so that it can serve another request. A
 * weak reference would show the app that it does. */
static inline bool method_is_unshared(const PyObject *method)
{
    return Py_REFCNT(method) == 1 && !((const PyCFunctionObject *)method)->m_weakreflist;
}

#endif
