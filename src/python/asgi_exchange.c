#include "python/asgi_exchange.h"

#include <stdlib.h>

#include "python/error.h"
#include "python/python_thread.h"
#include "python/workload_calls.h"

bool exchange_is_awaited(const struct asgi *asgi, PyObject *futures)
{
    if (!futures)
        return false;
    for (Py_ssize_t i = PyList_GET_SIZE(futures); i-- > 0;) {
        PyObject *done = PyObject_CallMethodNoArgs(PyList_GET_ITEM(futures, i), asgi->done);
        if (done != Py_False)
            (void)PyList_SetSlice(futures, i, i + 1, NULL);
        Py_XDECREF(done);
    }
    PyErr_Clear();
    return PyList_GET_SIZE(futures) > 0;
}

PyObject *exchange_await(const struct asgi *asgi, PyObject **futures)
{
    if (!*futures && !(*futures = PyList_New(0)))
        return NULL;
    (void)exchange_is_awaited(asgi, *futures);
    PyObject *future = PyObject_CallMethodNoArgs(asgi->event_loop, asgi->create_future);
    if (future && PyList_Append(*futures, future))
        Py_CLEAR(future);
    return future;
}

/* Gives the first of the Futures its result, and forgets it. */
static void resolve_first(const struct asgi *asgi, PyObject *futures, PyObject *value)
{
    PyObject *set = PyObject_CallMethodOneArg(PyList_GET_ITEM(futures, 0), asgi->set_result, value);
    (void)PyList_SetSlice(futures, 0, 1, NULL);
    Py_XDECREF(set);
    PyErr_Clear();
}

static void resolve_all(const struct asgi *asgi, PyObject **futures, PyObject *value)
{
    while (exchange_is_awaited(asgi, *futures))
        resolve_first(asgi, *futures, value);
    Py_CLEAR(*futures);
}

void exchange_disconnect(struct asgi_exchange *exchange)
{
    struct asgi *asgi = exchange->asgi;
    exchange->disconnected = true;
    resolve_all(asgi, &exchange->receivers, asgi->disconnected);
    resolve_all(asgi, &exchange->senders, Py_None);
}

void asgi_look_for_disconnect(struct asgi_exchange *exchange)
{
    if (exchange->request && request_given_up(exchange->request) && !exchange->disconnected)
        exchange_disconnect(exchange);
}

/* The pipe's on_change. */
static void on_change(void *owner)
{
    struct asgi_exchange *exchange = owner;
    if (!atomic_exchange(&exchange->noted, true))
        exchange->asgi->post(exchange->asgi->owner, &exchange->note);
}

/* What has come of the request's body goes to those that await it, each event to one. */
static void look_for_events(struct asgi_exchange *exchange)
{
    const struct asgi *asgi = exchange->asgi;
    while (exchange_is_awaited(asgi, exchange->receivers)) {
        PyObject *event = exchange_next_event(exchange);
        if (!event || event == Py_None)
            break;
        resolve_first(asgi, exchange->receivers, event);
        Py_DECREF(event);
    }
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
        resolve_all(exchange->asgi, &exchange->senders, Py_None);
    Py_INCREF(exchange);
    look_for_events(exchange);
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

void exchange_pipe_ended(struct asgi_exchange *exchange)
{
    exchange->open_pipes--;
    if (exchange->open_pipes > 0 || !atomic_load(&exchange->noted))
        Py_DECREF(exchange); /* else the note's delivery does */
}

void exchange_complete(struct asgi_exchange *exchange)
{
    exchange->stage = EXCHANGE_COMPLETE;
    resolve_all(exchange->asgi, &exchange->receivers, exchange->asgi->disconnected);
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
    resolve_all(exchange->asgi, &exchange->senders, Py_None);
    exchange_pipe_ended(exchange);
}

/* The call ended without a whole response. An exception is set. */
static void fail(struct asgi_exchange *exchange)
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

void asgi_done(struct asgi_exchange *exchange)
{
    if (!PyErr_Occurred() && exchange->stage != EXCHANGE_COMPLETE)
        PyErr_SetString(PyExc_RuntimeError, "the app returned before its response was whole");
    if (PyErr_Occurred() || exchange->request)
        fail(exchange);
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
    exchange->request = request;
    exchange->waited_ns = waited_ns;
    exchange->inflow = request->inflow;
    request->inflow = NULL;
    if (exchange->inflow)
        exchange_hold_for_pipe(exchange, exchange->inflow);
    return exchange;
}

void exchange_let_go(struct asgi *asgi)
{
    asgi->exchanges--;
    if (asgi->closed && asgi->exchanges == 0)
        free(asgi);
}

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    struct asgi_exchange *exchange = (struct asgi_exchange *)self;
    exchange_let_go(exchange->asgi);
    response_head_clear(&exchange->head);
    Py_XDECREF(exchange->body);
    Py_XDECREF(exchange->receivers);
    Py_XDECREF(exchange->senders);
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
