#include "python/asgi_futures.h"

bool futures_are_awaited(const struct asgi *asgi, PyObject *futures)
{
    if (!futures)
        return false;
    for (Py_ssize_t i = PyList_GET_SIZE(futures); i-- > 0;) {
        PyObject *done = PyObject_CallMethodNoArgs(PyList_GET_ITEM(futures, i), asgi->done);
        if (done != Py_False)
            (void)PyList_SetSlice(futures, i, i + 1, NULL);
        Py_XDECREF(done);
    }
    PyErr_Clear();
    return PyList_GET_SIZE(futures) > 0;
}

PyObject *futures_add(const struct asgi *asgi, PyObject **futures)
{
    if (!*futures && !(*futures = PyList_New(0)))
        return NULL;
    (void)futures_are_awaited(asgi, *futures);
    PyObject *future = PyObject_CallMethodNoArgs(asgi->event_loop, asgi->create_future);
    if (future && PyList_Append(*futures, future))
        Py_CLEAR(future);
    return future;
}

void futures_resolve_first(const struct asgi *asgi, PyObject *futures, PyObject *value)
{
    PyObject *set = PyObject_CallMethodOneArg(PyList_GET_ITEM(futures, 0), asgi->set_result, value);
    (void)PyList_SetSlice(futures, 0, 1, NULL);
    Py_XDECREF(set);
    PyErr_Clear();
}

void futures_resolve_all(const struct asgi *asgi, PyObject **futures, PyObject *value)
{
    while (futures_are_awaited(asgi, *futures))
        futures_resolve_first(asgi, *futures, value);
    Py_CLEAR(*futures);
}
