#include "python/asgi_exchange.h"
#include "python/ready.h"

static PyObject *request_event(struct asgi_exchange *exchange)
{
    struct asgi *asgi = exchange->asgi;
    PyObject *event = Py_BuildValue("{s:s}", "type", "http.request");
    if (event &&
        (PyDict_SetItem(event, asgi->body, exchange->body) || PyDict_SetItem(event, asgi->more_body, Py_False)))
        Py_CLEAR(event);
    Py_CLEAR(exchange->body);
    return event;
}

PyObject *exchange_receive(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct asgi_exchange *exchange = (struct asgi_exchange *)self;
    struct asgi *asgi = exchange->asgi;
    if (asgi->closed)
        return PyErr_Format(PyExc_RuntimeError, "receive: the server has ended");
    asgi_look_for_disconnect(exchange);
    if (exchange->body && !exchange->disconnected)
        return ready_new(asgi->ready_type, request_event(exchange));
    if (exchange->disconnected || exchange->stage == EXCHANGE_COMPLETE)
        return ready_new(asgi->ready_type, PyDict_Copy(asgi->disconnected));
    return exchange_await(asgi, &exchange->receiver);
}
