#include "python/asgi/coroutine.h"

PyObject *coroutine_next(PyObject *self)
{
    PyObject *result;
    PySendResult got = PyIter_Send(self, Py_None, &result);
    if (got != PYGEN_RETURN)
        return got == PYGEN_NEXT ? result : NULL;
    PyObject *stop = PyObject_CallOneArg(PyExc_StopIteration, result);
    Py_DECREF(result);
    if (stop)
        PyErr_SetRaisedException(stop);
    return NULL;
}

PyObject *coroutine_send(PyObject *self, PyObject *sent)
{
    (void)sent;
    return coroutine_next(self);
}

PyObject *coroutine_throw(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    (void)self;
    if (count < 1 || count > 3)
        return PyErr_Format(PyExc_TypeError, "throw() takes 1 to 3 arguments (%zd given)", count);
    PyObject *type = arguments[0], *value = count > 1 && arguments[1] != Py_None ? arguments[1] : NULL;
    if (PyExceptionInstance_Check(type))
        PyErr_SetRaisedException(Py_NewRef(type));
    else if (value && PyExceptionInstance_Check(value))
        PyErr_SetRaisedException(Py_NewRef(value));
    else if (PyExceptionClass_Check(type))
        PyErr_SetObject(type, value);
    else
        PyErr_SetString(PyExc_TypeError, "throw() takes an exception");
    return NULL;
}

PyObject *coroutine_close(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return Py_NewRef(Py_None);
}

PyObject *coroutine_class(PyObject *self, void *unused)
{
    (void)self;
    (void)unused;
    return Py_NewRef(&PyCoro_Type);
}

PyObject *coroutine_name(PyObject *self, void *unused)
{
    (void)unused;
    return PyType_GetName(Py_TYPE(self));
}

PyObject *coroutine_false(PyObject *self, void *unused)
{
    (void)self;
    (void)unused;
    return Py_NewRef(Py_False);
}

PyObject *coroutine_none(PyObject *self, void *unused)
{
    (void)self;
    (void)unused;
    return Py_NewRef(Py_None);
}
