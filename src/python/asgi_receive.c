#include "python/asgi_exchange.h"
#include "python/asgi_waiting.h"

/* Steals body, which is NULL where an exception is set. */
static PyObject *request_event(const struct asgi *asgi, PyObject *body, bool more)
{
    PyObject *event = body ? Py_BuildValue("{s:s}", "type", "http.request") : NULL;
    if (event &&
        (PyDict_SetItem(event, asgi->body, body) || PyDict_SetItem(event, asgi->more_body, more ? Py_True : Py_False)))
        Py_CLEAR(event);
    Py_XDECREF(body);
    return event;
}

void exchange_end_inflow(struct asgi_exchange *exchange)
{
    if (!exchange->inflow)
        return;
    pipe_read_end(exchange->inflow);
    exchange->inflow = NULL;
    exchange_pipe_ended(exchange);
}

/* What has come of the rest of the body. */
static PyObject *next_piece(struct asgi_exchange *exchange)
{
    struct asgi *asgi = exchange->asgi;
    struct buf *piece = &asgi->piece;
    piece->length = 0;
    ssize_t got = pipe_take(exchange->inflow, piece);
    if (got > 0) {
        PyObject *event = request_event(asgi, PyBytes_FromStringAndSize(piece->bytes, got), true);
        if (piece->capacity > 2 * PIPE_INWARD_BYTES) /* which grows by doubling */
            buf_free(piece);
        return event;
    }
    if (got == PIPE_NOTHING_YET)
        return Py_None;
    exchange_end_inflow(exchange);
    if (got == 0)
        return request_event(asgi, PyBytes_FromStringAndSize(NULL, 0), false);
    exchange->disconnected = true;
    return PyDict_Copy(asgi->disconnected);
}

/* The next http.request or http.disconnect: a new reference, NULL where an exception is set. Borrowed Py_None: there is
 * none yet. */
static PyObject *next_event(struct asgi_exchange *exchange)
{
    struct asgi *asgi = exchange->asgi;
    if (exchange->disconnected || exchange->stage == EXCHANGE_COMPLETE)
        return PyDict_Copy(asgi->disconnected);
    PyObject *body = exchange->body;
    exchange->body = NULL;
    if (body && (PyBytes_GET_SIZE(body) > 0 || !exchange->inflow))
        return request_event(asgi, body, exchange->inflow != NULL);
    Py_XDECREF(body);
    if (exchange->inflow)
        return next_piece(exchange);
    return exchange->half_closed ? PyDict_Copy(asgi->disconnected) : Py_None;
}

static enum look look_for_event(struct asgi_exchange *exchange, PyObject *unused, PyObject **value)
{
    (void)unused;
    PyObject *event = next_event(exchange);
    if (event == Py_None)
        return LOOK_NOT_YET;
    *value = event;
    return event ? LOOK_DONE : LOOK_FAILED;
}

PyObject *exchange_receive(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct asgi_exchange *exchange = (struct asgi_exchange *)self;
    if (exchange->asgi->closed)
        return PyErr_Format(PyExc_RuntimeError, "receive: the server has ended");
    asgi_look_for_disconnect(exchange);
    return waiting_look(exchange, look_for_event, NULL);
}
