#include <strings.h>

#include "core/channel.h"
#include "python/asgi_waiting.h"
#include "python/asgi_websocket.h"

bool websocket_is(PyObject *type, const char *name)
{
    return PyUnicode_CompareWithASCIIString(type, name) == 0;
}

void websocket_let_go(struct asgi_exchange *exchange)
{
    channel_leave_thread(exchange->channel);
    exchange->channel = NULL;
    exchange_pipe_ended(exchange);
    waiting_wake(exchange);
}

bool websocket_raise_lost(void)
{
    PyErr_SetString(PyExc_ConnectionResetError, "send: the websocket's client has left");
    return false;
}

bool websocket_read_key(PyObject *message, const char *key, PyObject **value)
{
    *value = PyDict_GetItemString(message, key);
    if (*value == Py_None)
        *value = NULL;
    return !PyErr_Occurred();
}

/* Into the reply's fields, behind which the server's own come. */
static bool add_subprotocol(struct asgi_exchange *exchange, PyObject *subprotocol)
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
    return text && response_head_add(&exchange->head, name, sizeof name - 1, text, (size_t)length, subprotocol);
}

/* What the server says in the handshake, the app cannot. */
static bool check_fields(const struct asgi_exchange *exchange)
{
    const char *name, *value;
    for (size_t at = 0; fields_next(&exchange->head.fields, &at, &name, &value);)
        if (strncasecmp(name, "sec-websocket-", 14) == 0) {
            PyErr_Format(PyExc_ValueError, "send: the header %s is the server's to send", name);
            return false;
        }
    return true;
}

/* websocket.accept. */
static bool accept_client(struct asgi_exchange *exchange, PyObject *message)
{
    PyObject *headers, *subprotocol;
    bool good = websocket_read_key(message, "headers", &headers) &&
                websocket_read_key(message, "subprotocol", &subprotocol) &&
                (!headers || exchange_read_headers(exchange, headers)) && check_fields(exchange) &&
                (!subprotocol || add_subprotocol(exchange, subprotocol));
    if (!good) {
        response_head_clear(&exchange->head);
        return false;
    }
    struct reply *reply = &exchange->request->reply;
    exchange->head.status = 101;
    reply_borrow(reply, 101, NULL, "", 0);
    response_head_put(&exchange->head, reply);
    exchange->websocket = WEBSOCKET_ACCEPTED;
    exchange_give_back(exchange);
    return true;
}

/* websocket.close before it was accepted. */
static bool refuse(struct asgi_exchange *exchange)
{
    reply_error(&exchange->request->reply, 403, REFUSED_NOT, "the app refused the websocket");
    exchange->websocket = WEBSOCKET_REFUSED;
    websocket_let_go(exchange);
    exchange_complete(exchange);
    exchange_give_back(exchange);
    return true;
}

/* websocket.http.response.start. */
static bool start_refusal(struct asgi_exchange *exchange, PyObject *message)
{
    if (!exchange_start_response(exchange, message))
        return false;
    exchange->websocket = WEBSOCKET_REFUSED;
    websocket_let_go(exchange);
    return true;
}

bool websocket_answer(struct asgi_exchange *exchange, PyObject *type, PyObject *message)
{
    if (request_given_up(exchange->request)) {
        exchange->disconnected = true;
        return websocket_raise_lost();
    }
    if (websocket_is(type, "websocket.accept"))
        return accept_client(exchange, message);
    if (websocket_is(type, "websocket.close"))
        return refuse(exchange);
    if (websocket_is(type, "websocket.http.response.start"))
        return start_refusal(exchange, message);
    PyErr_Format(PyExc_RuntimeError, "send: %R came before the websocket was accepted or refused", type);
    return false;
}
