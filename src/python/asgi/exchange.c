#include "python/asgi/exchange.h"

#include <stdlib.h>

#include "base/list.h"
#include "python/app/method.h"
#include "python/asgi/waiting.h"
#include "python/interp/error.h"
#include "python/interp/request_timing.h"
#include "python/interp/thread.h"
#include "stream/ws_channel.h"

void asgi_exchange_disconnect(struct asgi_exchange *exchange)
{
    exchange->disconnected = true;
    waiting_wake(exchange);
}

static void half_close(struct asgi_exchange *exchange)
{
    exchange->half_closed = true;
    waiting_wake(exchange);
}

void asgi_look_for_disconnect(struct asgi_exchange *exchange)
{
    if (!exchange->request || exchange->disconnected)
        return;
    if (request_given_up(exchange->request))
        asgi_exchange_disconnect(exchange);
    else if (!exchange->half_closed && request_half_closed(exchange->request))
        half_close(exchange);
}

/* The on_change callback of both pipes and of the channel. Posts the inbox message, unless it is under way. */
static void on_change(void *owner)
{
    struct asgi_exchange *exchange = owner;
    if (!atomic_exchange(&exchange->message_posted, true))
        exchange->asgi->post(exchange->asgi->owner, &exchange->inbox_message);
}

/* Handles a change: the response's pipe has room again or has lost its reader, the client has half-closed, the
 * request's pipe has bytes, or the channel has changed. */
static void deliver(struct inbox_message *inbox_message)
{
    struct asgi_exchange *exchange = CONTAINER_OF(inbox_message, struct asgi_exchange, inbox_message);
    unsigned owed = exchange->owed;
    exchange->owed = 0;
    atomic_store(&exchange->message_posted, false);
    Py_INCREF(exchange);
    if (exchange->pipe && pipe_offer(exchange->pipe, "", 0) == PIPE_LEFT)
        asgi_exchange_disconnect(exchange);
    if (exchange->pipe && !exchange->half_closed && pipe_half_closed(exchange->pipe))
        half_close(exchange);
    waiting_wake(exchange);
    for (; owed > 0; owed--)
        Py_DECREF(exchange);
    Py_DECREF(exchange);
}

void asgi_exchange_hold_for_pipe(struct asgi_exchange *exchange, struct pipe *pipe)
{
    Py_INCREF(exchange);
    pipe_on_change(pipe, on_change, exchange);
}

/* Takes the request's channel, which holds the exchange like a pipe. */
static void take_channel(struct asgi_exchange *exchange, struct request *request)
{
    exchange->channel = request->channel;
    request->channel = NULL;
    exchange->websocket = WEBSOCKET_ASKED;
    Py_INCREF(exchange);
    ws_channel_on_change(exchange->channel, on_change, exchange);
}

void asgi_exchange_pipe_ended(struct asgi_exchange *exchange)
{
    if (atomic_load(&exchange->message_posted))
        exchange->owed++; /* the inbox message is under way; its delivery drops the reference */
    else
        Py_DECREF(exchange);
}

void asgi_exchange_complete(struct asgi_exchange *exchange)
{
    exchange->stage = EXCHANGE_COMPLETE;
    waiting_wake(exchange);
}

void asgi_exchange_give_back(struct asgi_exchange *exchange)
{
    struct request *request = exchange->request;
    exchange->request = NULL;
    request_timing_give_back(exchange->asgi->thread, request, exchange->waited_ns);
}

bool asgi_exchange_open_pipe(struct asgi_exchange *exchange)
{
    struct request *request = exchange->request;
    struct pipe *pipe = pipe_new(request->loop);
    if (!pipe) {
        PyErr_NoMemory();
        return false;
    }
    exchange->pipe = pipe;
    asgi_exchange_hold_for_pipe(exchange, pipe);
    response_head_send_stream(&exchange->head, &request->reply, pipe_stream(pipe));
    asgi_exchange_give_back(exchange);
    return true;
}

void asgi_exchange_end_pipe(struct asgi_exchange *exchange, bool whole)
{
    struct pipe *pipe = exchange->pipe;
    if (!pipe)
        return;
    exchange->pipe = NULL;
    pipe_write_end(pipe, whole); /* no inbox message is posted after this */
    waiting_wake(exchange);
    asgi_exchange_pipe_ended(exchange);
}

void asgi_exchange_fail(struct asgi_exchange *exchange)
{
    struct request *request = exchange->request;
    if (exchange->disconnected) {
        PyErr_Clear();
    } else if (!request) {
        error_log("app");
    } else {
        error_fail(request);
    }
    if (request)
        asgi_exchange_give_back(exchange);
}

/* Returns a spare exchange or a new one; NULL with an exception set. */
static struct asgi_exchange *make(struct asgi *asgi)
{
    PyTypeObject *type = (PyTypeObject *)asgi->exchange_type;
    struct asgi_exchange *exchange =
        asgi->spare_count ? asgi->spares[--asgi->spare_count] : (struct asgi_exchange *)type->tp_alloc(type, 0);
    if (!exchange)
        return NULL;
    response_head_clear(&exchange->head);
    exchange->asgi = asgi;
    asgi->exchanges++;
    exchange->inbox_message.deliver = deliver;
    return exchange;
}

struct asgi_exchange *asgi_exchange_open(struct asgi *asgi, struct request *request, uint64_t waited_ns)
{
    struct asgi_exchange *exchange = make(asgi);
    if (!exchange)
        return NULL;
    exchange->body = PyBytes_FromStringAndSize(request->body, (Py_ssize_t)request->body_bytes);
    if (!exchange->body) {
        asgi_exchange_close(exchange);
        return NULL;
    }
    free(request->body); /* the call may be long, and there may be many */
    request->body = NULL;
    request->body_bytes = request->body_capacity = 0;
    exchange->request = request;
    exchange->waited_ns = waited_ns;
    exchange->body_reader = request->body_reader;
    request->body_reader = NULL;
    if (exchange->body_reader)
        asgi_exchange_hold_for_pipe(exchange, exchange->body_reader);
    if (request->channel)
        take_channel(exchange, request);
    return exchange;
}

/* True if only the caller holds the exchange, and only the exchange its methods. */
static bool is_unshared(const struct asgi_exchange *exchange)
{
    return exchange->receive && exchange->send && Py_REFCNT(exchange) == 3 && method_is_unshared(exchange->receive) &&
           method_is_unshared(exchange->send);
}

/* Empties an exchange that has ended, and makes it a spare one. */
static void spare(struct asgi_exchange *exchange)
{
    struct asgi *asgi = exchange->asgi;
    response_head_clear(&exchange->head);
    exchange->asgi = NULL;
    exchange->stage = EXCHANGE_START;
    exchange->sent_bytes = 0;
    exchange->disconnected = exchange->half_closed = false;
    asgi->spares[asgi->spare_count++] = exchange;
    asgi_exchange_let_go(asgi);
}

/* An exchange that a pipe or a channel holds is shared, so a spare one has neither. */
void asgi_exchange_close(struct asgi_exchange *exchange)
{
    const struct asgi *asgi = exchange->asgi;
    if (is_unshared(exchange)) { /* the end of these objects may run code of the app */
        Py_CLEAR(exchange->body);
        Py_CLEAR(exchange->waiters);
    }
    if (is_unshared(exchange) && exchange->websocket == WEBSOCKET_NOT && !asgi->closed &&
        asgi->spare_count < ASGI_SPARES) {
        spare(exchange);
        return;
    }
    Py_CLEAR(exchange->receive);
    Py_CLEAR(exchange->send);
    Py_DECREF(exchange);
}

void asgi_exchange_free_spares(struct asgi *asgi)
{
    while (asgi->spare_count) {
        struct asgi_exchange *exchange = asgi->spares[--asgi->spare_count];
        Py_CLEAR(exchange->receive);
        Py_CLEAR(exchange->send);
        Py_DECREF(exchange);
    }
}

void asgi_exchange_let_go(struct asgi *asgi)
{
    asgi->exchanges--;
    if (!asgi->closed || asgi->exchanges > 0)
        return;
    buf_free(&asgi->piece);
    free(asgi);
}

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    struct asgi_exchange *exchange = (struct asgi_exchange *)self;
    if (exchange->asgi)
        asgi_exchange_let_go(exchange->asgi);
    response_head_clear(&exchange->head);
    Py_XDECREF(exchange->body);
    Py_XDECREF(exchange->waiters);
    Py_XDECREF(exchange->subprotocols);
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject *asgi_exchange_type(void)
{
    static PyType_Slot slots[] = {{Py_tp_dealloc, (void *)deallocate}, {0, NULL}};
    static PyType_Spec spec = {
        .name = "tandem.Exchange",
        .basicsize = sizeof(struct asgi_exchange),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    return PyType_FromSpec(&spec);
}
