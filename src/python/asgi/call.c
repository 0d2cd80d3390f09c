#include "python/asgi/call.h"

#include <stdlib.h>

#include "python/app/app.h"
#include "python/asgi/exchange.h"
#include "python/asgi/ready_awaitable.h"
#include "python/asgi/waiting.h"
#include "python/asgi/websocket.h"
#include "python/interp/fork_child.h"
#include "python/interp/log_function.h"
#include "python/interp/thread.h"

/* Makes the methods that the app gets; a spare exchange has those of HTTP. False: an exception is set. */
static bool make_methods(struct asgi_exchange *exchange)
{
    static PyMethodDef http_receive = {"receive", asgi_exchange_receive, METH_NOARGS, NULL};
    static PyMethodDef http_send = {"send", asgi_exchange_send, METH_O, NULL};
    static PyMethodDef websocket_receive = {"receive", asgi_websocket_receive, METH_NOARGS, NULL};
    static PyMethodDef websocket_send = {"send", asgi_websocket_send, METH_O, NULL};
    bool websocket = exchange->channel;
    if (exchange->receive && !websocket)
        return true;
    Py_XSETREF(exchange->receive,
               PyCFunction_New(websocket ? &websocket_receive : &http_receive, (PyObject *)exchange));
    Py_XSETREF(exchange->send, PyCFunction_New(websocket ? &websocket_send : &http_send, (PyObject *)exchange));
    return exchange->receive && exchange->send;
}

PyObject *asgi_call(struct asgi *asgi, struct request *request, uint64_t waited_ns, struct asgi_exchange **out)
{
    struct asgi_exchange *exchange = *out = asgi_exchange_open(asgi, request, waited_ns);
    bool websocket = exchange && exchange->channel;
    PyObject *scope = exchange ? scope_new(&asgi->scopes, request, websocket) : NULL, *coroutine = NULL;
    if (scope && websocket)
        exchange->subprotocols = Py_XNewRef(PyDict_GetItemWithError(scope, asgi->scopes.keys[SCOPE_SUBPROTOCOLS]));
    if (scope && make_methods(exchange)) {
        PyObject *arguments[] = {NULL, scope, exchange->receive, exchange->send};
        coroutine = PyObject_Vectorcall(asgi->app, arguments + 1, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        fork_child_check();
    }
    Py_XDECREF(scope);
    return coroutine;
}

static bool make_names(struct asgi *asgi)
{
    const struct {
        PyObject **name;
        const char *text;
    } names[] = {{&asgi->type, "type"}, {&asgi->status, "status"},         {&asgi->headers, "headers"},
                 {&asgi->body, "body"}, {&asgi->more_body, "more_body"},   {&asgi->create_future, "create_future"},
                 {&asgi->done, "done"}, {&asgi->set_result, "set_result"}, {&asgi->bytes, "bytes"},
                 {&asgi->text, "text"}};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!(*names[i].name = PyUnicode_InternFromString(names[i].text)))
            return false;
    return true;
}

static PyObject *common_scope(void)
{
    return Py_BuildValue("{s:s, s:{s:s, s:s}, s:s, s:{}}", "type", "http", "asgi", "version", "3.0", "spec_version",
                         "2.3", "scheme", "http", "extensions");
}

static PyObject *common_websocket_scope(void)
{
    return Py_BuildValue("{s:s, s:{s:s, s:s}, s:s, s:{s:{}}}", "type", "websocket", "asgi", "version", "3.0",
                         "spec_version", "2.4", "scheme", "ws", "extensions", "websocket.http.response");
}

static bool make(struct asgi *asgi, PyObject *app, PyObject *state, PyObject *event_loop)
{
    PyObject *scope = common_scope(), *websocket_scope = scope ? common_websocket_scope() : NULL;
    bool good = websocket_scope && make_names(asgi) && scopes_open(&asgi->scopes, scope, websocket_scope, state);
    Py_XDECREF(websocket_scope);
    Py_XDECREF(scope);
    asgi->app = Py_NewRef(app);
    asgi->event_loop = Py_NewRef(event_loop);
    asgi->exchange_type = good ? asgi_exchange_type() : NULL;
    asgi->ready_awaitable_type = asgi->exchange_type ? ready_awaitable_type() : NULL;
    asgi->waiting_type = asgi->ready_awaitable_type ? waiting_type() : NULL;
    asgi->nothing = asgi->waiting_type ? ready_awaitable_new(asgi->ready_awaitable_type, Py_NewRef(Py_None)) : NULL;
    asgi->disconnected = asgi->nothing ? Py_BuildValue("{s:s}", "type", "http.disconnect") : NULL;
    return asgi->disconnected != NULL;
}

struct asgi *asgi_open(struct python_thread *thread, PyObject *app, PyObject *state, PyObject *event_loop,
                       void (*post)(void *owner, struct inbox_message *inbox_message), void *owner)
{
    struct asgi *asgi = calloc(1, sizeof *asgi);
    if (!asgi) {
        PyErr_NoMemory();
        return NULL;
    }
    asgi->thread = thread;
    asgi->thread_id = PyThread_get_thread_ident();
    asgi->post = post;
    asgi->owner = owner;
    if (make(asgi, app, state, event_loop))
        return asgi;
    asgi_close(asgi);
    return NULL;
}

struct asgi *asgi_start(struct python_thread *thread, PyObject *module, PyObject *event_loop,
                        void (*post)(void *owner, struct inbox_message *inbox_message), void *owner,
                        PyObject **lifespan)
{
    struct asgi *asgi = NULL;
    PyObject *state, *app = app_import(thread->interpreter);
    PyObject *log = app ? log_function_new("app") : NULL;
    PyObject *check = log ? fork_child_check_function_new() : NULL;
    PyObject *started = check ? PyObject_CallMethod(module, "start_app", "OOOO", event_loop, app, log, check) : NULL;
    Py_XDECREF(check);
    fork_child_check();
    if (started && PyArg_ParseTuple(started, "OO", lifespan, &state)) {
        Py_INCREF(*lifespan);
        asgi = asgi_open(thread, app, state, event_loop, post, owner);
    }
    Py_XDECREF(started);
    Py_XDECREF(log);
    Py_XDECREF(app);
    return asgi;
}

void asgi_close(struct asgi *asgi)
{
    if (!asgi)
        return;
    asgi_exchange_free_spares(asgi);
    scopes_close(&asgi->scopes);
    PyObject **const held[] = {
        &asgi->app,        &asgi->event_loop,   &asgi->exchange_type, &asgi->ready_awaitable_type,
        &asgi->nothing,    &asgi->disconnected, &asgi->type,          &asgi->status,
        &asgi->headers,    &asgi->body,         &asgi->more_body,     &asgi->create_future,
        &asgi->set_result, &asgi->done,         &asgi->waiting_type,  &asgi->bytes,
        &asgi->text};
    for (unsigned i = 0; i < sizeof held / sizeof held[0]; i++)
        Py_CLEAR(*held[i]);
    asgi->closed = true;
    asgi->exchanges++;
    asgi_exchange_let_go(asgi);
}

/* True if the app has sent a head that needs no body: uvicorn and hypercorn send it when the app returns. */
static bool needs_no_body(const struct asgi_exchange *exchange)
{
    return exchange->request && exchange->stage == EXCHANGE_BODY &&
           (exchange->head.length == 0 || !response_head_has_body(&exchange->head, exchange->request));
}

/* Ends the call of an exchange without a channel. Answers the request, unless that has happened already. */
static void end_response(struct asgi_exchange *exchange)
{
    bool was_told = exchange->half_closed &&
                    !exchange->request; /* the app was told of a half-close, and may break off its streamed response */
    if (!PyErr_Occurred() && needs_no_body(exchange))
        (void)asgi_exchange_send_empty(exchange);
    if (!PyErr_Occurred() && exchange->stage != EXCHANGE_COMPLETE && !was_told)
        PyErr_SetString(PyExc_RuntimeError, "the app returned before its response was whole");
    if (PyErr_Occurred() || exchange->request)
        asgi_exchange_fail(exchange);
}

void asgi_done(struct asgi_exchange *exchange)
{
    if (exchange->channel)
        asgi_websocket_end(exchange);
    else
        end_response(exchange);
    asgi_exchange_complete(exchange);
    asgi_exchange_end_pipe(exchange, false);
    asgi_exchange_end_body(exchange);
    asgi_exchange_close(exchange);
}
