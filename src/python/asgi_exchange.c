#include "python/asgi_exchange.h"

#include <stdlib.h>

#include "base/list.h"
#include "core/channel.h"
#include "python/asgi_waiting.h"
#include "python/error.h"
#include "python/python_thread.h"
#include "python/request_timing.h"

void exchange_disconnect(struct asgi_exchange *exchange)
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
        exchange_disconnect(exchange);
    else if (!exchange->half_closed && request_half_closed(exchange->request))
        half_close(exchange);
}

/* The pipe's on_change. */
static void on_change(void *owner)
{
    struct asgi_exchange *exchange = owner;
    if (!atomic_exchange(&exchange->noted, true))
        exchange->asgi->post(exchange->asgi->owner, &exchange->note);
}

/* Of the response's pipe: it has room again, or nobody reads it any more. Of the request's: something has come. */
static void deliver(struct note *note)
{
    struct asgi_exchange *exchange = CONTAINER_OF(note, struct asgi_exchange, note);
    unsigned owed = exchange->owed;
    exchange->owed = 0;
    atomic_store(&exchange->noted, false);
    Py_INCREF(exchange);
    if (exchange->pipe && pipe_offer(exchange->pipe, "", 0) == PIPE_LEFT)
        exchange_disconnect(exchange);
    if (exchange->pipe && !exchange->half_closed && pipe_half_closed(exchange->pipe))
        half_close(exchange);
    waiting_wake(exchange);
    for (; owed > 0; owed--)
        Py_DECREF(exchange);
    Py_DECREF(exchange);
}

void exchange_hold_for_pipe(struct asgi_exchange *exchange, struct pipe *pipe)
{
    Py_INCREF(exchange);
    pipe_on_change(pipe, on_change, exchange);
}

/* The same for the channel that the request comes with. */
static void take_channel(struct asgi_exchange *exchange, struct request *request)
{
    exchange->channel = request->channel;
    request->channel = NULL;
    exchange->websocket = WEBSOCKET_ASKED;
    Py_INCREF(exchange);
    channel_on_change(exchange->channel, on_change, exchange);
}

void exchange_pipe_ended(struct asgi_exchange *exchange)
{
    if (atomic_load(&exchange->noted))
        exchange->owed++; /* the note is under way, and has the exchange */
    else
        Py_DECREF(exchange);
}

void exchange_complete(struct asgi_exchange *exchange)
{
    exchange->stage = EXCHANGE_COMPLETE;
    waiting_wake(exchange);
}

void exchange_give_back(struct asgi_exchange *exchange)
{
    struct request *request = exchange->request;
    exchange->request = NULL;
    request_timing_give_back(exchange->asgi->thread, request, exchange->waited_ns);
}

bool exchange_open_pipe(struct asgi_exchange *exchange)
{
    struct request *request = exchange->request;
    struct pipe *pipe = pipe_new(request->loop);
    if (!pipe) {
        PyErr_NoMemory();
        return false;
    }
    exchange->pipe = pipe;
    exchange_hold_for_pipe(exchange, pipe);
    response_head_send_stream(&exchange->head, &request->reply, pipe_stream(pipe));
    exchange_give_back(exchange);
    return true;
}

void exchange_end_pipe(struct asgi_exchange *exchange, bool whole)
{
    struct pipe *pipe = exchange->pipe;
    if (!pipe)
        return;
    exchange->pipe = NULL;
    pipe_write_end(pipe, whole); /* no note is posted after this */
    waiting_wake(exchange);
    exchange_pipe_ended(exchange);
}

void exchange_fail(struct asgi_exchange *exchange)
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
        exchange_give_back(exchange);
}

struct asgi_exchange *exchange_new(struct asgi *asgi, struct request *request, uint64_t waited_ns)
{
    PyTypeObject *type = (PyTypeObject *)asgi->exchange_type;
    struct asgi_exchange *exchange = (struct asgi_exchange *)type->tp_alloc(type, 0);
    if (!exchange)
        return NULL;
    response_head_clear(&exchange->head);
    exchange->asgi = asgi;
    asgi->exchanges++;
    exchange->note.deliver = deliver;
    exchange->body = PyBytes_FromStringAndSize(request->body, (Py_ssize_t)request->body_bytes);
    if (!exchange->body) {
        Py_DECREF(exchange);
        return NULL;
    }
    free(request->body); /* there may be many, and long calls */
    request->body = NULL;
    request->body_bytes = request->body_capacity = 0;
    exchange->request = request;
    exchange->waited_ns = waited_ns;
    exchange->inflow = request->inflow;
    request->inflow = NULL;
    if (exchange->inflow)
        exchange_hold_for_pipe(exchange, exchange->inflow);
    if (request->channel)
        take_channel(exchange, request);
    return exchange;
}

void exchange_let_go(struct asgi *asgi)
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
    exchange_let_go(exchange->asgi);
    response_head_clear(&exchange->head);
    Py_XDECREF(exchange->body);
    Py_XDECREF(exchange->waiters);
    Py_XDECREF(exchange->subprotocols);
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject *exchange_type(void)
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
