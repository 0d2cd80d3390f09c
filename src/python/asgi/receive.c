#include "python/asgi/exchange.h"
#include "python/asgi/waiting.h"
#include "python/interp/fork_child.h"

/* Steals body, which may be NULL with an exception set. */
static PyObject *request_event(const struct asgi *asgi, PyObject *body, bool more)
{
    PyObject *event = body ? Py_BuildValue("{s:s}", "type", "http.request") : NULL;
    if (event &&
        (PyDict_SetItem(event, asgi->body, body) || PyDict_SetItem(event, asgi->more_body, more ? Py_True : Py_False)))
        Py_CLEAR(event);
    Py_XDECREF(body);
    return event;
}

void asgi_exchange_end_body(struct asgi_exchange *exchange)
{
    if (!exchange->body_reader)
        return;
    pipe_read_end(exchange->body_reader);
    exchange->body_reader = NULL;
    asgi_exchange_pipe_ended(exchange);
}

/* Gives *value the event, a new reference; NULL: an exception is set. */
static enum look found(PyObject *event, PyObject **value)
{
    *value = event;
    return event ? LOOK_DONE : LOOK_FAILED;
}

/* The next piece of the body, from its pipe. */
static enum look look_for_piece(struct asgi_exchange *exchange, PyObject **value)
{
    struct asgi *asgi = exchange->asgi;
    struct buf *piece = &asgi->piece;
    piece->length = 0;
    ssize_t got = pipe_take(exchange->body_reader, piece);
    if (got > 0) {
        PyObject *event = request_event(asgi, PyBytes_FromStringAndSize(piece->bytes, got), true);
        if (piece->capacity > 2 * PIPE_INWARD_BYTES) /* a buf grows by doubling */
            buf_free(piece);
        return found(event, value);
    }
    if (got == PIPE_NOTHING_YET)
        return LOOK_NOT_YET;
    asgi_exchange_end_body(exchange);
    if (got == 0)
        return found(request_event(asgi, PyBytes_FromStringAndSize(NULL, 0), false), value);
    exchange->disconnected = true;
    return found(PyDict_Copy(asgi->disconnected), value);
}

/* The next http.request or http.disconnect. */
static enum look look_for_event(struct asgi_exchange *exchange, PyObject *unused, PyObject **value)
{
    (void)unused;
    struct asgi *asgi = exchange->asgi;
    if (exchange->disconnected || exchange->stage == EXCHANGE_COMPLETE)
        return found(PyDict_Copy(asgi->disconnected), value);
    PyObject *body = exchange->body;
    exchange->body = NULL;
    if (body && (PyBytes_GET_SIZE(body) > 0 || !exchange->body_reader))
        return found(request_event(asgi, body, exchange->body_reader != NULL), value);
    Py_XDECREF(body);
    if (exchange->body_reader)
        return look_for_piece(exchange, value);
    return exchange->half_closed ? found(PyDict_Copy(asgi->disconnected), value) : LOOK_NOT_YET;
}

PyObject *asgi_exchange_receive(PyObject *self, PyObject *unused)
{
    (void)unused;
    fork_child_check();
    struct asgi_exchange *exchange = (struct asgi_exchange *)self;
    if (!exchange->asgi) /* a spare one, whose methods gc.get_objects() gives away */
        return PyErr_Format(PyExc_RuntimeError, "receive: the request is over");
    if (exchange->asgi->closed)
        return PyErr_Format(PyExc_RuntimeError, "receive: the server has ended");
    if (asgi_elsewhere(exchange->asgi))
        return waiting_to_act(exchange, asgi_exchange_receive, NULL);
    asgi_look_for_disconnect(exchange);
    return waiting_look(exchange, look_for_event, NULL);
}
