#include <string.h>

#include "base/ascii.h"
#include "python/asgi/waiting.h"
#include "python/asgi/websocket.h"
#include "stream/ws_channel.h"

bool asgi_websocket_is(PyObject *type, const char *name)
{
    return PyUnicode_CompareWithASCIIString(type, name) == 0;
}

void asgi_websocket_let_go(struct asgi_exchange *exchange)
{
    ws_channel_leave_thread(exchange->channel);
    exchange->channel = NULL;
    asgi_exchange_pipe_ended(exchange);
    waiting_wake(exchange);
}

bool asgi_websocket_raise_lost(void)
{
    PyErr_SetString(PyExc_ConnectionResetError, "send: the websocket's client has left");
    return false;
}

bool asgi_websocket_read_key(PyObject *message, const char *key, PyObject **value)
{
    *value = PyDict_GetItemString(message, key);
    if (*value == Py_None)
        *value = NULL;
    return !PyErr_Occurred();
}

/* Adds the subprotocol to the reply's fields; the server's own fields follow them. False: an exception is set. */
static bool add_subprotocol(const struct asgi_exchange *exchange, struct response_head *head, PyObject *subprotocol)
{
    static const char name[] = "Sec-WebSocket-Protocol";
    Py_ssize_t length;
    int offered = PySequence_Contains(exchange->subprotocols, subprotocol);
    if (offered <= 0) {
        if (offered == 0)
            PyErr_Format(PyExc_ValueError, "send: the client has not offered the subprotocol %R", subprotocol);
        return false;
    }
    const char *text = PyUnicode_AsUTF8AndSize(subprotocol, &length);
    return text && response_head_add(head, name, sizeof name - 1, text, (size_t)length, subprotocol);
}

/* Refuses the handshake's own fields, which only the server may send. False: an exception is set. */
static bool check_fields(const struct response_head *head)
{
    static const char prefix[] = "sec-websocket-";
    struct field field;
    for (size_t at = 0; fields_next(&head->fields, &at, &field);)
        if (field.name_bytes >= sizeof prefix - 1 && ascii_equals(field.name, sizeof prefix - 1, prefix)) {
            PyObject *name = PyUnicode_DecodeLatin1(field.name, (Py_ssize_t)field.name_bytes, NULL);
            if (name)
                PyErr_Format(PyExc_ValueError, "send: the header %U is the server's to send", name);
            Py_XDECREF(name);
            return false;
        }
    return true;
}

/* Reads the headers and the subprotocol of websocket.accept into head. False: an exception is set. */
static bool read_accept(const struct asgi_exchange *exchange, PyObject *message, struct response_head *head)
{
    PyObject *headers, *subprotocol;
    bool good = asgi_websocket_read_key(message, "headers", &headers) &&
                asgi_websocket_read_key(message, "subprotocol", &subprotocol) &&
                (!headers || asgi_exchange_read_headers(head, headers)) && check_fields(head) &&
                (!subprotocol || add_subprotocol(exchange, head, subprotocol));
    if (good && exchange->websocket != WEBSOCKET_ASKED) { /* reading the headers may have run code of the app */
        PyErr_SetString(PyExc_RuntimeError, "send: the websocket was accepted or refused already");
        return false;
    }
    return good;
}

/* Handles websocket.accept. False: an exception is set. */
static bool accept_client(struct asgi_exchange *exchange, PyObject *message)
{
    struct response_head head = {.length = REPLY_LENGTH_OPEN, .status = 101};
    if (!read_accept(exchange, message, &head)) {
        response_head_clear(&head);
        return false;
    }
    struct reply *reply = &exchange->request->reply;
    exchange->head = head;
    reply_borrow(reply, 101, NULL, "", 0);
    response_head_put(&exchange->head, reply);
    exchange->websocket = WEBSOCKET_ACCEPTED;
    asgi_exchange_give_back(exchange);
    return true;
}

void asgi_websocket_refuse(struct asgi_exchange *exchange)
{
    reply_error(&exchange->request->reply, 403, REFUSED_NOT, "the app refused the websocket");
    exchange->websocket = WEBSOCKET_REFUSED;
    asgi_websocket_let_go(exchange);
    asgi_exchange_complete(exchange);
    asgi_exchange_give_back(exchange);
}

/* Handles websocket.http.response.start: the app refuses by a response of its own. False: an exception is set. */
static bool start_refusal(struct asgi_exchange *exchange, PyObject *message)
{
    if (!asgi_exchange_start_response(exchange, message))
        return false;
    if (exchange->websocket != WEBSOCKET_ASKED) {
        PyErr_SetString(PyExc_RuntimeError, "send: the websocket was accepted or refused already");
        return false;
    }
    exchange->websocket = WEBSOCKET_REFUSED;
    asgi_websocket_let_go(exchange);
    return true;
}

bool asgi_websocket_answer(struct asgi_exchange *exchange, PyObject *type, PyObject *message)
{
    if (request_given_up(exchange->request)) {
        exchange->disconnected = true;
        return asgi_websocket_raise_lost();
    }
    if (asgi_websocket_is(type, "websocket.accept"))
        return accept_client(exchange, message);
    if (asgi_websocket_is(type, "websocket.close")) {
        asgi_websocket_refuse(exchange);
        return true;
    }
    if (asgi_websocket_is(type, "websocket.http.response.start"))
        return start_refusal(exchange, message);
    PyErr_Format(PyExc_RuntimeError, "send: %R came before the websocket was accepted or refused", type);
    return false;
}
