/* Makes tandem's awaitables pass for coroutines. Apps and libraries hand the result of receive() or send() to
 * asyncio.create_task(), asyncio.run_coroutine_threadsafe() or an anyio task group, which take nothing but coroutines,
 * by asyncio.iscoroutine() or inspect.iscoroutine(). The first looks for the methods of collections.abc.Coroutine, the
 * second for types.CoroutineType, by isinstance(): the attribute __class__ answers that. Private to python/asgi; the
 * GIL held. */
#ifndef TANDEM_PYTHON_ASGI_COROUTINE_H
#define TANDEM_PYTHON_ASGI_COROUTINE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* The type's tp_iternext, for callers that iterate without am_send: takes a step by it, and sets StopIteration with
 * what it returned. */
PyObject *coroutine_next(PyObject *self);

/* The method send(value), METH_O: does the same. The value is not looked at. */
PyObject *coroutine_send(PyObject *self, PyObject *sent);

/* The method throw(type, value=None, traceback=None) or throw(exception), METH_FASTCALL: sets the exception, and
 * returns NULL. */
PyObject *coroutine_throw(PyObject *self, PyObject *const *arguments, Py_ssize_t count);

/* The method close(), METH_NOARGS. */
PyObject *coroutine_close(PyObject *self, PyObject *unused);

/* Getters of the attributes __class__, and of __name__ and __qualname__. */
PyObject *coroutine_class(PyObject *self, void *unused);
PyObject *coroutine_name(PyObject *self, void *unused);

/* A getter whose value is False. */
PyObject *coroutine_false(PyObject *self, void *unused);

/* A getter whose value is None. */
PyObject *coroutine_none(PyObject *self, void *unused);

/* The rows of a PyGetSetDef for the attributes that all of tandem's coroutines have. cr_frame is None: there is no
 * Python frame, which asyncio.Task.get_stack() would look for. */
#define COROUTINE_ATTRIBUTES                                                                                           \
    {"__class__", coroutine_class, NULL, NULL, NULL}, {"__name__", coroutine_name, NULL, NULL, NULL},                  \
        {"__qualname__", coroutine_name, NULL, NULL, NULL}, {"cr_running", coroutine_false, NULL, NULL, NULL},         \
    {                                                                                                                  \
        "cr_frame", coroutine_none, NULL, NULL, NULL                                                                   \
    }

#endif
