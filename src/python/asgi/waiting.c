#include "python/asgi/waiting.h"

#include "python/asgi/coroutine.h"
#include "python/asgi/ready_awaitable.h"
#include "python/interp/fork_child.h"

struct waiting {
    PyObject ob_base;
    struct asgi_exchange *exchange;
    PyCFunction act;    /* called in the first step; NULL: it has been called, or there is none */
    PyObject *inner;    /* what act has returned, which is awaited; NULL: nothing */
    looker *look;       /* NULL: it waits for one iteration of the event loop */
    bool turned;        /* it has yielded to the event loop */
    PyObject *argument; /* NULL: none */
    PyObject *future;   /* the iterator of the awaited Future; NULL: look is due */
};

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    struct waiting *waiting = (struct waiting *)self;
    Py_XDECREF(waiting->exchange);
    Py_XDECREF(waiting->argument);
    Py_XDECREF(waiting->future);
    Py_XDECREF(waiting->inner);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Removes Futures that are done: nobody awaits them, since their Tasks were cancelled. */
static void forget_done(const struct asgi *asgi, PyObject *waiters)
{
    for (Py_ssize_t i = PyList_GET_SIZE(waiters); i-- > 0;) {
        PyObject *done = PyObject_CallMethodNoArgs(PyList_GET_ITEM(waiters, i), asgi->done);
        if (done != Py_False)
            (void)PyList_SetSlice(waiters, i, i + 1, NULL);
        Py_XDECREF(done);
    }
    PyErr_Clear();
}

/* Awaits a new Future, which waiting_wake sets. False: an exception is set. */
static bool wait_for_change(struct waiting *waiting)
{
    struct asgi_exchange *exchange = waiting->exchange;
    if (!exchange->waiters && !(exchange->waiters = PyList_New(0)))
        return false;
    forget_done(exchange->asgi, exchange->waiters);
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
    fork_child_check();
    *result = NULL;
    if (waiting->act) {
        PyCFunction act = waiting->act;
        waiting->act = NULL;
        waiting->inner = act((PyObject *)waiting->exchange, waiting->argument);
        if (!waiting->inner)
            return PYGEN_ERROR;
    }
    if (waiting->inner)
        return PyIter_Send(waiting->inner, Py_None, result);
    if (!waiting->look) {
        bool turned = waiting->turned;
        waiting->turned = true;
        *result = Py_NewRef(Py_None);
        return turned ? PYGEN_RETURN : PYGEN_NEXT;
    }
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

/* It is cancelled. The Future that it awaited is no longer awaited by anybody. */
static PyObject *throw_method(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    struct waiting *waiting = (struct waiting *)self;
    waiting->act = NULL;
    Py_CLEAR(waiting->inner);
    Py_CLEAR(waiting->future);
    return coroutine_throw(self, arguments, count);
}

static PyObject *is_suspended(PyObject *self, void *unused)
{
    (void)unused;
    const struct waiting *waiting = (struct waiting *)self;
    return PyBool_FromLong(waiting->future || waiting->inner || waiting->turned);
}

PyObject *waiting_type(void)
{
    static PyMethodDef methods[] = {{"send", coroutine_send, METH_O, NULL},
                                    {"throw", (PyCFunction)(void (*)(void))throw_method, METH_FASTCALL, NULL},
                                    {"close", coroutine_close, METH_NOARGS, NULL},
                                    {NULL, NULL, 0, NULL}};
    static PyGetSetDef attributes[] = {
        COROUTINE_ATTRIBUTES, {"cr_suspended", is_suspended, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
    static PyType_Slot slots[] = {
        {Py_am_await, (void *)PyObject_SelfIter},
        {Py_am_send, (void *)step},
        {Py_tp_iter, (void *)PyObject_SelfIter},
        {Py_tp_iternext, (void *)coroutine_next},
        {Py_tp_dealloc, (void *)deallocate},
        {Py_tp_methods, methods},
        {Py_tp_getset, attributes},
        {0, NULL},
    };
    static PyType_Spec spec = {
        .name = "tandem.Waiting",
        .basicsize = sizeof(struct waiting),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    return PyType_FromSpec(&spec);
}

static struct waiting *waiting_new(struct asgi_exchange *exchange, PyObject *argument)
{
    PyTypeObject *type = (PyTypeObject *)exchange->asgi->waiting_type;
    struct waiting *waiting = (struct waiting *)type->tp_alloc(type, 0);
    if (waiting) {
        waiting->exchange = (struct asgi_exchange *)Py_NewRef(exchange);
        waiting->argument = Py_XNewRef(argument);
    }
    return waiting;
}

PyObject *waiting_turn(struct asgi_exchange *exchange)
{
    return (PyObject *)waiting_new(exchange, NULL);
}

PyObject *waiting_to_act(struct asgi_exchange *exchange, PyCFunction act, PyObject *argument)
{
    struct waiting *waiting = waiting_new(exchange, argument);
    if (waiting)
        waiting->act = act;
    return (PyObject *)waiting;
}

PyObject *waiting_look(struct asgi_exchange *exchange, looker *look, PyObject *argument)
{
    PyObject *value;
    enum look found = look(exchange, argument, &value);
    if (found == LOOK_FAILED)
        return NULL;
    if (found == LOOK_DONE)
        return ready_awaitable_new(exchange->asgi->ready_awaitable_type, value);
    struct waiting *waiting = waiting_new(exchange, argument);
    if (waiting)
        waiting->look = look;
    return (PyObject *)waiting;
}

void waiting_wake(struct asgi_exchange *exchange)
{
    PyObject *waiters = exchange->waiters;
    if (!waiters)
        return;
    exchange->waiters = NULL;
    forget_done(exchange->asgi, waiters);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(waiters); i++) {
        PyObject *set = PyObject_CallMethodOneArg(PyList_GET_ITEM(waiters, i), exchange->asgi->set_result, Py_None);
        Py_XDECREF(set);
        PyErr_Clear();
    }
    Py_DECREF(waiters);
}
