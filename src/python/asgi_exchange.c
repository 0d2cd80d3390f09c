#include "python/asgi_exchange.h"

#include <stdlib.h>

#include "core/channel.h"
#include "python/asgi_waiting.h"
#include "python/asgi_websocket.h"
#include "python/error.h"
#include "python/python_thread.h"
#include "python/workload_calls.h"

void exchange_resolve(struct asgi *asgi, PyObject **future, PyObject *value)
{
    PyObject *waited_for = *future;
    if (!waited_for)
        return;
    *future = NULL;
    PyObject *done = PyObject_CallMethodNoArgs(waited_for, asgi->done);
    PyObject *set = done == Py_False ? PyObject_CallMethodOneArg(waited_for, asgi->set_result, value) : NULL;
    Py_XDECREF(set);
    Py_XDECREF(done);
    Py_DECREF(waited_for);
    PyErr_Clear();
}

PyObject *exchange_await(struct asgi *asgi, PyObject **future)
{
    if (!*future)
        *future = PyObject_CallMethodNoArgs(asgi->event_loop, asgi->create_future);
    return Py_XNewRef(*future);
}

void exchange_disconnect(struct asgi_exchange *exchange)
{
    struct asgi *asgi = exchange->asgi;
    exchange->disconnected = true;
    exchange_resolve(asgi, &exchange->receiver, asgi->disconnected);
    exchange_resolve(asgi, &exchange->sender, Py_None);
}

static void half_close(struct asgi_exchange *exchange)
{
    exchange->half_closed = true;
    if (!exchange->inflow) /* else its end tells */
        exchange_resolve(exchange->asgi, &exchange->receiver, exchange->asgi->disconnected);
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

/* Something has come of the request's body, if that is awaited. */
static void look_for_event(struct asgi_exchange *exchange)
{
    if (!exchange->receiver)
        return;
    PyObject *event = exchange_next_event(exchange);
    if (event && event != Py_None)
        exchange_resolve(exchange->asgi, &exchange->receiver, event);
    if (event != Py_None)
        Py_XDECREF(event);
    PyErr_Clear();
}

/* Of the response's pipe: it has room again, or nobody reads it any more. Of the request's: something has come. */
static void deliver(struct note *note)
{
    struct asgi_exchange *exchange = (struct asgi_exchange *)((char *)note - offsetof(struct asgi_exchange, note));
    atomic_store(&exchange->noted, false);
    bool last = exchange->open_pipes == 0;
    if (exchange->pipe && pipe_offer(exchange->pipe, "", 0) == PIPE_LEFT)
        exchange_disconnect(exchange);
    else
        exchange_resolve(exchange->asgi, &exchange->sender, Py_None);
    if (exchange->pipe && !exchange->half_closed && pipe_half_closed(exchange->pipe))
        half_close(exchange);
    Py_INCREF(exchange);
    look_for_event(exchange);
    waiting_wake(exchange);
    Py_DECREF(exchange);
    if (last)
        Py_DECREF(exchange); /* the pipe's that ended meanwhile */
}

void exchange_hold_for_pipe(struct asgi_exchange *exchange, struct pipe *pipe)
{
    exchange->open_pipes++;
    Py_INCREF(exchange);
    pipe_on_change(pipe, on_change, exchange);
}

/* The same for the channel that the request comes with. */
static void take_channel(struct asgi_exchange *exchange, struct request *request)
{
    exchange->channel = request->channel;
    request->channel = NULL;
    exchange->websocket = WEBSOCKET_ASKED;
    exchange->open_pipes++;
    Py_INCREF(exchange);
    channel_on_change(exchange->channel, on_change, exchange);
}

void exchange_pipe_ended(struct asgi_exchange *exchange)
{
    exchange->open_pipes--;
    if (exchange->open_pipes > 0 || !atomic_load(&exchange->noted))
        Py_DECREF(exchange); /* else the note's delivery does */
}

void exchange_complete(struct asgi_exchange *exchange)
{
    exchange->stage = EXCHANGE_COMPLETE;
    exchange_resolve(exchange->asgi, &exchange->receiver, exchange->asgi->disconnected);
}

void exchange_give_back(struct asgi_exchange *exchange)
{
    struct request *request = exchange->request;
    exchange->request = NULL;
    workload_give_back(exchange->asgi->thread, request, exchange->waited_ns);
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
        workload_answer(request, NULL);
    }
    if (request)
        exchange_give_back(exchange);
}

/* Answers the request, if it is still here. */
static void end_response(struct asgi_exchange *exchange)
{
    if (!PyErr_Occurred() && exchange->stage != EXCHANGE_COMPLETE)
        PyErr_SetString(PyExc_RuntimeError, "the app returned before its response was whole");
    if (PyErr_Occurred() || exchange->request)
        exchange_fail(exchange);
}

void asgi_done(struct asgi_exchange *exchange)
{
    if (exchange->channel)
        asgi_websocket_end(exchange);
    else
        end_response(exchange);
    exchange_complete(exchange);
    exchange_end_pipe(exchange, false);
    exchange_end_inflow(exchange);
    Py_DECREF(exchange);
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
    Py_XDECREF(exchange->receiver);
    Py_XDECREF(exchange->sender);
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
