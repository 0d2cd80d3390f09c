#include "python/asgi/websocket.h"

#include "python/asgi/waiting.h"
#include "python/interp/error.h"
#include "python/interp/fork_child.h"
#include "stream/ws_channel.h"

static PyObject *message_event(const struct asgi *asgi, const struct ws_message *message)
{
    const char *bytes = message->body.bytes;
    Py_ssize_t length = (Py_ssize_t)message->body.length;
    PyObject *event = Py_BuildValue("{s:s}", "type", "websocket.receive");
    PyObject *body = NULL;
    if (event)
        body = message->text ? PyUnicode_DecodeUTF8(bytes, length, NULL) : PyBytes_FromStringAndSize(bytes, length);
    if (!body || PyDict_SetItem(event, message->text ? asgi->text : asgi->bytes, body))
        Py_CLEAR(event);
    Py_XDECREF(body);
    return event;
}

static PyObject *disconnect_event(const struct closing *closing)
{
    return Py_BuildValue("{s:s, s:I, s:s#}", "type", "websocket.disconnect", "code", closing->code, "reason",
                         closing->reason, (Py_ssize_t)closing->reason_bytes);
}

/* Looks for the next event of receive. */
static enum look look_for_event(struct asgi_exchange *exchange, PyObject *unused, PyObject **value)
{
    (void)unused;
    struct ws_message *message;
    struct closing closing = closing_of(CLOSE_ABNORMAL, NULL, 0);
    enum ws_channel_state state = WS_CHANNEL_CLOSED;
    if (exchange->body) {
        Py_CLEAR(exchange->body); /* a websocket has no body; this one stands for the event */
        *value = Py_BuildValue("{s:s}", "type", "websocket.connect");
        return *value ? LOOK_DONE : LOOK_FAILED;
    }
    if (exchange->channel)
        state = ws_channel_receive(exchange->channel, &message, &closing);
    if (state == WS_CHANNEL_NOTHING_YET)
        return LOOK_NOT_YET;
    if (state == WS_CHANNEL_CLOSED) {
        *value = disconnect_event(&closing);
    } else {
        *value = message_event(exchange->asgi, message);
        ws_message_free(message);
    }
    return *value ? LOOK_DONE : LOOK_FAILED;
}

PyObject *asgi_websocket_receive(PyObject *self, PyObject *unused)
{
    (void)unused;
    fork_child_check();
    struct asgi_exchange *exchange = (struct asgi_exchange *)self;
    if (exchange->asgi->closed)
        return PyErr_Format(PyExc_RuntimeError, "receive: the server has ended");
    if (asgi_elsewhere(exchange->asgi))
        return waiting_to_act(exchange, asgi_websocket_receive, NULL);
    return waiting_look(exchange, look_for_event, NULL);
}

/* Handles websocket.close of an accepted websocket. False: an exception is set. */
static bool close_websocket(struct asgi_exchange *exchange, PyObject *message)
{
    PyObject *code, *reason;
    if (!asgi_websocket_read_key(message, "code", &code) || !asgi_websocket_read_key(message, "reason", &reason))
        return false;
    long number = code ? PyLong_AsLong(code) : CLOSE_NORMAL;
    if (number == -1 && PyErr_Occurred())
        return false;
    if (number < 0 || number > 4999 || !closing_is_valid_code((unsigned)number)) {
        PyErr_Format(PyExc_ValueError, "send: %ld is no close code: 1000 to 1003, 1007 to 1014, 3000 to 4999", number);
        return false;
    }
    Py_ssize_t length = 0;
    const char *text = reason ? PyUnicode_AsUTF8AndSize(reason, &length) : "";
    if (!text)
        return false;
    if (length > CLOSE_REASON_MAX) {
        PyErr_Format(PyExc_ValueError, "send: a close reason has at most %d bytes, not %zd", CLOSE_REASON_MAX, length);
        return false;
    }
    struct closing closing = closing_of((unsigned)number, text, (size_t)length);
    ws_channel_close(exchange->channel, &closing);
    exchange->websocket = WEBSOCKET_CLOSED;
    return true;
}

/* Reads the body of websocket.send. The caller frees *body. False: an exception is set. */
static bool read_body(const struct asgi *asgi, PyObject *message, bool *text, struct buf *body)
{
    PyObject *bytes = PyDict_GetItemWithError(message, asgi->bytes), *string = NULL;
    if (!PyErr_Occurred())
        string = PyDict_GetItemWithError(message, asgi->text);
    if (PyErr_Occurred())
        return false;
    enum err err;
    *text = !bytes || bytes == Py_None;
    if (!*text) {
        Py_buffer view;
        if (PyObject_GetBuffer(bytes, &view, PyBUF_SIMPLE))
            return false;
        err = buf_append(body, view.buf, (size_t)view.len);
        PyBuffer_Release(&view);
    } else {
        Py_ssize_t length;
        if (!string || string == Py_None) {
            PyErr_SetString(PyExc_ValueError, "send: websocket.send has bytes or text");
            return false;
        }
        const char *utf8 = PyUnicode_AsUTF8AndSize(string, &length);
        if (!utf8)
            return false;
        err = buf_append(body, utf8, (size_t)length);
    }
    if (err)
        PyErr_NoMemory();
    return !err;
}

/* Handles websocket.send as soon as the channel has room. */
static enum look look_for_room(struct asgi_exchange *exchange, PyObject *event, PyObject **value)
{
    struct buf body = {0};
    bool text;
    if (exchange->websocket != WEBSOCKET_ACCEPTED) {
        PyErr_SetString(PyExc_RuntimeError, "send: the websocket was closed");
        return LOOK_FAILED;
    }
    switch (ws_channel_may_send(exchange->channel)) {
    case WS_CHANNEL_FULL:
        return LOOK_NOT_YET;
    case WS_CHANNEL_LEFT:
        asgi_websocket_raise_lost();
        return LOOK_FAILED;
    default:
        break;
    }
    struct ws_message *message = NULL;
    if (read_body(exchange->asgi, event, &text, &body) && !(message = ws_message_new(text, &body)))
        PyErr_NoMemory();
    buf_free(&body);
    if (!message)
        return LOOK_FAILED;
    ws_channel_send(exchange->channel, message);
    *value = Py_NewRef(Py_None);
    return LOOK_DONE;
}

/* Handles an event for a websocket that was accepted. */
static PyObject *send_message(struct asgi_exchange *exchange, PyObject *type, PyObject *message)
{
    if (asgi_websocket_is(type, "websocket.send"))
        return waiting_look(exchange, look_for_room, message);
    if (!asgi_websocket_is(type, "websocket.close"))
        return PyErr_Format(PyExc_RuntimeError, "send: %R came when the websocket was open already", type);
    if (exchange->websocket == WEBSOCKET_CLOSED)
        return PyErr_Format(PyExc_RuntimeError, "send: the websocket is closed already");
    return close_websocket(exchange, message) ? Py_NewRef(exchange->asgi->nothing) : NULL;
}

PyObject *asgi_websocket_send(PyObject *self, PyObject *message)
{
    fork_child_check();
    struct asgi_exchange *exchange = (struct asgi_exchange *)self;
    struct asgi *asgi = exchange->asgi;
    bool full = false, good;
    if (asgi_elsewhere(asgi))
        return waiting_to_act(exchange, asgi_websocket_send, message);
    PyObject *type = asgi_exchange_event_type(asgi, message);
    if (!type)
        return NULL;
    if (exchange->websocket == WEBSOCKET_ASKED)
        good = asgi_websocket_answer(exchange, type, message);
    else if (exchange->websocket != WEBSOCKET_REFUSED)
        return exchange->channel ? send_message(exchange, type, message)
                                 : PyErr_Format(PyExc_RuntimeError, "send: the app has returned");
    else if (asgi_websocket_is(type, "websocket.http.response.body"))
        good = exchange->disconnected || asgi_exchange_send_body(exchange, message, &full);
    else
        good = PyErr_Format(PyExc_RuntimeError, "send: %R came when the websocket was refused", type) != NULL;
    if (!good)
        return NULL;
    return full ? asgi_exchange_wait_for_room(exchange) : Py_NewRef(asgi->nothing);
}

/* True if the websocket is closed and the exception is no failure of the app: a ConnectionResetError of send, or the
 * CancelledError by which the server ends the call. */
static bool ended_by_peer(const struct asgi_exchange *exchange)
{
    return ws_channel_may_send(exchange->channel) == WS_CHANNEL_LEFT &&
           (PyErr_ExceptionMatches(PyExc_ConnectionResetError) || !PyErr_ExceptionMatches(PyExc_Exception));
}

void asgi_websocket_end(struct asgi_exchange *exchange)
{
    bool failed = PyErr_Occurred() != NULL;
    if (exchange->request && !failed) {
        asgi_websocket_refuse(exchange); /* the app has returned without a word */
        exchange->websocket = WEBSOCKET_CLOSED;
        return;
    }
    if (exchange->request) {
        asgi_exchange_fail(exchange);
    } else if (failed && ended_by_peer(exchange)) {
        PyErr_Clear();
    } else if (failed) {
        error_log("app");
    }
    struct closing closing = closing_of(failed ? CLOSE_SERVER_ERROR : CLOSE_NORMAL, NULL, 0);
    ws_channel_close(exchange->channel, &closing);
    exchange->websocket = WEBSOCKET_CLOSED; /* for Tasks of the app that still run, and have its send */
    asgi_websocket_let_go(exchange);
}
