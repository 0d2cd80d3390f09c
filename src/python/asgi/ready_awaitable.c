#include "python/asgi/ready_awaitable.h"

#include "python/asgi/coroutine.h"

struct ready {
    PyObject ob_base;
    PyObject *value;
};

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((struct ready *)self)->value);
    type->tp_free(self);
    Py_DECREF(type);
}

static PySendResult send(PyObject *self, PyObject *sent, PyObject **result)
{
    (void)sent;
    *result = Py_NewRef(((struct ready *)self)->value);
    return PYGEN_RETURN;
}

PyObject *ready_awaitable_type(void)
{
    static PyMethodDef methods[] = {{"send", coroutine_send, METH_O, NULL},
                                    {"throw", (PyCFunction)(void (*)(void))coroutine_throw, METH_FASTCALL, NULL},
                                    {"close", coroutine_close, METH_NOARGS, NULL},
                                    {NULL, NULL, 0, NULL}};
    static PyGetSetDef attributes[] = {
        COROUTINE_ATTRIBUTES, {"cr_suspended", coroutine_false, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
    static PyType_Slot slots[] = {
        {Py_am_await, (void *)PyObject_SelfIter},
        {Py_am_send, (void *)send},
        {Py_tp_iter, (void *)PyObject_SelfIter},
        {Py_tp_iternext, (void *)coroutine_next},
        {Py_tp_dealloc, (void *)deallocate},
        {Py_tp_methods, methods},
        {Py_tp_getset, attributes},
        {0, NULL},
    };
    static PyType_Spec spec = {
        .name = "tandem.Ready",
        .basicsize = sizeof(struct ready),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    return PyType_FromSpec(&spec);
}

PyObject *ready_awaitable_new(PyObject *type, PyObject *value)
{
    if (!value)
        return NULL;
    struct ready *ready = (struct ready *)((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
    if (!ready) {
        Py_DECREF(value);
        return NULL;
    }
    ready->value = value;
    return (PyObject *)ready;
}
