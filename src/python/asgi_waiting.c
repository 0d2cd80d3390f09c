#include "python/asgi_waiting.h"

#include "python/ready.h"

struct waiting {
    PyObject ob_base;
    struct asgi_exchange *exchange;
    looker *look;
    PyObject *argument; /* NULL: none */
    PyObject *future;   /* the iterator of the Future that is awaited; NULL: it is to look */
};

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    struct waiting *waiting = (struct waiting *)self;
    Py_XDECREF(waiting->exchange);
    Py_XDECREF(waiting->argument);
    Py_XDECREF(waiting->future);
    type->tp_free(self);
    Py_DECREF(type);
}

/* False: an exception is set. */
static bool wait_for_change(struct waiting *waiting)
{
    struct asgi_exchange *exchange = waiting->exchange;
    if (!exchange->waiters && !(exchange->waiters = PyList_New(0)))
        return false;
    PyObject *future = PyObject_CallMethodNoArgs(exchange->asgi->event_loop, exchange->asgi->create_future);
    if (future && PyList_Append(exchange->waiters, future) == 0)
        waiting->future = PyObject_GetIter(future);
    Py_XDECREF(future);
    return waiting->future != NULL;
}

static PySendResult step(PyObject *self, PyObject *sent, PyObject **result)
{
    (void)sent;
    struct waiting *waiting = (struct waiting *)self;
    *result = NULL;
    for (;;) {
        if (!waiting->future) {
            enum look found = waiting->look(waiting->exchange, waiting->argument, result);
            if (found == LOOK_DONE)
                return PYGEN_RETURN;
            if (found == LOOK_FAILED || !wait_for_change(waiting))
                return PYGEN_ERROR;
        }
        PySendResult got = PyIter_Send(waiting->future, Py_None, result);
        if (got == PYGEN_NEXT)
            return got;
        Py_CLEAR(waiting->future);
        if (got == PYGEN_ERROR)
            return got;
        Py_CLEAR(*result);
    }
}

/* The same as an iterator does it. */
static PyObject *next(PyObject *self)
{
    PyObject *result;
    PySendResult got = step(self, Py_None, &result);
    if (got != PYGEN_RETURN)
        return got == PYGEN_NEXT ? result : NULL;
    PyObject *stop = PyObject_CallOneArg(PyExc_StopIteration, result);
    Py_DECREF(result);
    if (stop)
        PyErr_SetRaisedException(stop);
    return NULL;
}

PyObject *waiting_type(void)
{
    static PyType_Slot slots[] = {
        {Py_am_await, (void *)PyObject_SelfIter}, {Py_am_send, (void *)step},
        {Py_tp_iter, (void *)PyObject_SelfIter},  {Py_tp_iternext, (void *)next},
        {Py_tp_dealloc, (void *)deallocate},      {0, NULL},
    };
    static PyType_Spec spec = {
        .name = "tandem.Waiting",
        .basicsize = sizeof(struct waiting),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    return PyType_FromSpec(&spec);
}

PyObject *waiting_look(struct asgi_exchange *exchange, looker *look, PyObject *argument)
{
    PyObject *value;
    enum look found = look(exchange, argument, &value);
    if (found == LOOK_FAILED)
        return NULL;
    if (found == LOOK_DONE)
        return ready_new(exchange->asgi->ready_type, value);
    PyTypeObject *type = (PyTypeObject *)exchange->asgi->waiting_type;
    struct waiting *waiting = (struct waiting *)type->tp_alloc(type, 0);
    if (!waiting)
        return NULL;
    waiting->exchange = (struct asgi_exchange *)Py_NewRef(exchange);
    waiting->look = look;
    waiting->argument = Py_XNewRef(argument);
    return (PyObject *)waiting;
}

void waiting_wake(struct asgi_exchange *exchange)
{
    PyObject *waiters = exchange->waiters;
    exchange->waiters = NULL;
    for (Py_ssize_t i = 0; waiters && i < PyList_GET_SIZE(waiters); i++) {
        PyObject *future = Py_NewRef(PyList_GET_ITEM(waiters, i));
        exchange_resolve(exchange->asgi, &future, Py_None);
    }
    Py_XDECREF(waiters);
}
