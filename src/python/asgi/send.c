#include <string.h>

#include "python/app/borrowed_bytes.h"
#include "python/asgi/exchange.h"
#include "python/asgi/waiting.h"
#include "python/interp/fork_child.h"

static PyObject *raise_error(const char *text)
{
    PyErr_SetString(PyExc_RuntimeError, text);
    return NULL;
}

static bool read_bytes(PyObject *object, const char **bytes, size_t *length, const char *what)
{
    if (!PyBytes_Check(object)) {
        PyErr_Format(PyExc_TypeError, "send: a header's %s is bytes, not %s", what, Py_TYPE(object)->tp_name);
        return false;
    }
    *bytes = PyBytes_AS_STRING(object);
    *length = (size_t)PyBytes_GET_SIZE(object);
    return true;
}

static bool read_header(struct response_head *head, PyObject *header)
{
    const char *name, *value;
    size_t name_bytes, value_bytes;
    PyObject *pair = PySequence_Fast(header, "send: headers are pairs of bytes");
    bool good = pair != NULL;
    if (good && PySequence_Fast_GET_SIZE(pair) != 2) {
        PyErr_SetString(PyExc_ValueError, "send: headers are pairs of bytes");
        good = false;
    }
    good = good && read_bytes(PySequence_Fast_GET_ITEM(pair, 0), &name, &name_bytes, "name") &&
           read_bytes(PySequence_Fast_GET_ITEM(pair, 1), &value, &value_bytes, "value") &&
           response_head_add(head, name, name_bytes, value, value_bytes, header);
    Py_XDECREF(pair);
    return good;
}

bool asgi_exchange_read_headers(struct response_head *head, PyObject *headers)
{
    PyObject *iterator = PyObject_GetIter(headers), *header;
    bool good = iterator != NULL;
    while (good && (header = PyIter_Next(iterator))) {
        good = read_header(head, header);
        Py_DECREF(header);
    }
    Py_XDECREF(iterator);
    return good && !PyErr_Occurred();
}

static bool read_head(const struct asgi *asgi, struct response_head *head, PyObject *message)
{
    PyObject *status = PyObject_GetItem(message, asgi->status);
    long number = status ? PyLong_AsLong(status) : -1;
    Py_XDECREF(status);
    if (number == -1 && PyErr_Occurred())
        return false;
    if (number < 200 || number > 599) {
        PyErr_Format(PyExc_ValueError, "send: %ld is not a status from 200 to 599", number);
        return false;
    }
    head->status = (unsigned)number;
    PyObject *headers = PyDict_GetItemWithError(message, asgi->headers);
    return headers ? asgi_exchange_read_headers(head, headers) : !PyErr_Occurred();
}

bool asgi_exchange_start_response(struct asgi_exchange *exchange, PyObject *message)
{
    struct response_head head = {.length = REPLY_LENGTH_OPEN};
    bool good = read_head(exchange->asgi, &head, message);
    if (good && exchange->stage != EXCHANGE_START) /* reading the headers may have run code of the app */
        good = raise_error("send: http.response.start came twice, or after the body");
    if (!good) {
        response_head_clear(&head);
        return false;
    }
    exchange->head = head;
    exchange->stage = EXCHANGE_BODY;
    return true;
}

/* Sends a response whose body comes in one piece. object: what has these bytes; NULL: none. */
static bool send_whole(struct asgi_exchange *exchange, PyObject *object, const char *bytes, size_t length)
{
    struct request *request = exchange->request;
    struct response_head *head = &exchange->head;
    if (!response_head_has_body(head, request)) {
        if (head->length == REPLY_LENGTH_OPEN && strcmp(request->method, "HEAD") == 0)
            head->length = length;
        response_head_send_bare(head, &request->reply);
    } else {
        if (!response_head_is_whole(head, length))
            return false;
        if (object && PyBytes_CheckExact(object))
            borrowed_bytes_put(exchange->asgi->thread, request, head->status, object);
        else
            reply_copy(&request->reply, head->status, NULL, bytes, length);
        response_head_put(head, &request->reply);
    }
    asgi_exchange_complete(exchange);
    asgi_exchange_give_back(exchange);
    return true;
}

/* Sends a response that has no body; pieces that the app sends for it are dropped. */
static bool send_bare(struct asgi_exchange *exchange)
{
    response_head_send_bare(&exchange->head, &exchange->request->reply);
    asgi_exchange_give_back(exchange);
    return true;
}

bool asgi_exchange_send_empty(struct asgi_exchange *exchange)
{
    if (response_head_has_body(&exchange->head, exchange->request))
        return send_whole(exchange, NULL, "", 0);
    asgi_exchange_complete(exchange);
    return send_bare(exchange);
}

/* Sends a piece of a streamed body. *full becomes true if the app must wait for room in the pipe. */
static bool send_piece(struct asgi_exchange *exchange, const char *bytes, size_t length, bool more, bool *full)
{
    if (exchange->request &&
        !(response_head_has_body(&exchange->head, exchange->request) ? asgi_exchange_open_pipe(exchange)
                                                                     : send_bare(exchange)))
        return false;
    if (exchange->pipe) {
        if (!response_head_fits(&exchange->head, exchange->sent_bytes + length))
            return false;
        exchange->sent_bytes += length;
        enum pipe_state state = pipe_offer(exchange->pipe, bytes, length);
        if (state == PIPE_LEFT)
            asgi_exchange_disconnect(exchange);
        *full = state == PIPE_FULL;
        if (!more && !response_head_is_whole(&exchange->head, exchange->sent_bytes))
            return false;
    }
    if (more)
        return true;
    *full = false;
    asgi_exchange_complete(exchange);
    asgi_exchange_end_pipe(exchange, true);
    return true;
}

/* Opens the body's buffer. Any object with the buffer protocol will do: Starlette sends memoryviews. False: an
 * exception is set. */
static bool open_body(PyObject *body, Py_buffer *out)
{
    if (PyObject_GetBuffer(body, out, PyBUF_SIMPLE) == 0)
        return true;
    if (PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_Format(PyExc_TypeError, "send: the body is bytes, not %s", Py_TYPE(body)->tp_name);
    return false;
}

bool asgi_exchange_send_body(struct asgi_exchange *exchange, PyObject *message, bool *full)
{
    struct asgi *asgi = exchange->asgi;
    if (exchange->stage != EXCHANGE_BODY)
        return raise_error(exchange->stage == EXCHANGE_START ? "send: http.response.body came before the start"
                                                             : "send: the response is complete already");
    Py_buffer buffer = {.buf = ""};
    PyObject *more = PyDict_GetItemWithError(message, asgi->more_body);
    int goes_on = more ? PyObject_IsTrue(more) : 0;
    PyObject *body = PyErr_Occurred() ? NULL : PyDict_GetItemWithError(message, asgi->body);
    if (PyErr_Occurred() || (body && !open_body(body, &buffer)))
        return false;
    bool good = exchange->request && !goes_on ? send_whole(exchange, body, buffer.buf, (size_t)buffer.len)
                                              : send_piece(exchange, buffer.buf, (size_t)buffer.len, goes_on, full);
    PyBuffer_Release(&buffer);
    return good;
}

static enum look look_for_room(struct asgi_exchange *exchange, PyObject *unused, PyObject **value)
{
    (void)unused;
    enum pipe_state state = exchange->pipe ? pipe_offer(exchange->pipe, "", 0) : PIPE_ROOM;
    if (state == PIPE_FULL)
        return LOOK_NOT_YET;
    if (state == PIPE_LEFT)
        asgi_exchange_disconnect(exchange);
    *value = Py_NewRef(Py_None);
    return LOOK_DONE;
}

PyObject *asgi_exchange_wait_for_room(struct asgi_exchange *exchange)
{
    return waiting_look(exchange, look_for_room, NULL);
}

PyObject *asgi_exchange_event_type(const struct asgi *asgi, PyObject *message)
{
    if (asgi->closed)
        return raise_error("send: the server has ended");
    if (!PyDict_Check(message)) {
        PyErr_SetString(PyExc_TypeError, "send: an event is a dict");
        return NULL;
    }
    PyObject *type = PyDict_GetItemWithError(message, asgi->type);
    if (!type || !PyUnicode_Check(type))
        return PyErr_Occurred() ? NULL : raise_error("send: an event has a type");
    return type;
}

PyObject *asgi_exchange_send(PyObject *self, PyObject *message)
{
    fork_child_check();
    struct asgi_exchange *exchange = (struct asgi_exchange *)self;
    struct asgi *asgi = exchange->asgi;
    if (!asgi) /* a spare one, whose methods gc.get_objects() gives away */
        return raise_error("send: the request is over");
    if (asgi_elsewhere(asgi))
        return waiting_to_act(exchange, asgi_exchange_send, message);
    PyObject *type = asgi_exchange_event_type(asgi, message);
    if (!type)
        return NULL;
    asgi_look_for_disconnect(exchange);
    bool full = false, good;
    /* The client has left, so the event is dropped. An app that only sends must still let other Tasks run: they learn
     * of it by http.disconnect. */
    if (exchange->disconnected)
        return waiting_turn(exchange);
    if (PyUnicode_CompareWithASCIIString(type, "http.response.body") == 0)
        good = asgi_exchange_send_body(exchange, message, &full);
    else if (PyUnicode_CompareWithASCIIString(type, "http.response.start") == 0)
        good = asgi_exchange_start_response(exchange, message);
    else
        good = PyErr_Format(PyExc_ValueError, "send: %R is no event of a response", type) != NULL;
    if (!good)
        return NULL;
    return full ? asgi_exchange_wait_for_room(exchange) : Py_NewRef(asgi->nothing);
}
