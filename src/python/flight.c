#include "python/flight.h"

#include <stddef.h>

#include "python/error.h"
#include "python/request_timing.h"
#include "python/workload_calls.h"

struct flight {
    PyObject ob_base;
    struct flights *flights;
    struct request *request;        /* NULL: it is the exchange's */
    struct asgi_exchange *exchange; /* NULL: a workload's */
    PyObject *task;
    bool cancelled;
    uint64_t waited_before_ns; /* the thread's waits for the GIL when it started */
    struct flight *before, *after;
};

static uint64_t waited_ns(const struct flights *flights)
{
    return counter_read(&flights->thread->account.wait_ns);
}

/* The request's answer is written. Whenever the loop's thread waited for the GIL meanwhile, the request waited, too. */
static void land(const struct flights *flights, struct request *request, uint64_t waited_before_ns)
{
    request_timing_give_back(flights->thread, request, waited_before_ns);
}

/* Writes the reply for what the Task, which is done, returned or raised. */
static void answer(const struct flights *flights, struct request *request, PyObject *task)
{
    PyObject *result = PyObject_CallMethodNoArgs(task, flights->result);
    workload_answer(request, result);
    Py_XDECREF(result);
}

/* The same for the Task of an ASGI app's call. */
static void end_call(const struct flights *flights, struct asgi_exchange *exchange, PyObject *task)
{
    PyObject *result = PyObject_CallMethodNoArgs(task, flights->result);
    Py_XDECREF(result);
    asgi_done(exchange);
}

static void forget(struct flight *flight)
{
    if (flight->before)
        flight->before->after = flight->after;
    else
        flight->flights->first = flight->after;
    if (flight->after)
        flight->after->before = flight->before;
}

/* The done-callback. */
static PyObject *on_done(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    (void)arguments;
    (void)keywords;
    struct flight *flight = (struct flight *)self;
    struct flights *flights = flight->flights;
    forget(flight);
    if (flight->exchange) {
        end_call(flights, flight->exchange, flight->task);
    } else {
        if (!request_given_up(flight->request))
            answer(flights, flight->request, flight->task);
        land(flights, flight->request, flight->waited_before_ns);
    }
    flight->request = NULL;
    Py_CLEAR(flight->task);
    Py_RETURN_NONE;
}

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((struct flight *)self)->task);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot slots[] = {{Py_tp_call, (void *)on_done}, {Py_tp_dealloc, (void *)deallocate}, {0, NULL}};
static PyType_Spec spec = {
    .name = "tandem.Flight",
    .basicsize = sizeof(struct flight),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

/* The Task is not done: lets it answer the request, or end the exchange, when it is. False: an exception is set. */
static bool take_off(struct flights *flights, struct request *request, struct asgi_exchange *exchange, PyObject *task,
                     uint64_t waited_before_ns)
{
    PyTypeObject *type = (PyTypeObject *)flights->type;
    struct flight *flight = (struct flight *)type->tp_alloc(type, 0);
    if (!flight)
        return false;
    flight->flights = flights;
    PyObject *added = PyObject_CallMethodOneArg(task, flights->add_done_callback, (PyObject *)flight);
    if (added) {
        flight->request = request;
        flight->exchange = exchange;
        flight->task = Py_NewRef(task);
        flight->waited_before_ns = waited_before_ns;
        flight->after = flights->first;
        if (flight->after)
            flight->after->before = flight;
        flights->first = flight;
        Py_DECREF(added);
    }
    Py_DECREF(flight);
    return added != NULL;
}

/* Runs the coroutine up to where it suspends; takes it. *done: whether that is its end. A new reference; NULL: an
 * exception is set. */
static PyObject *make_task(struct flights *flights, PyObject *coroutine, bool *done)
{
    PyObject *arguments[] = {NULL, coroutine, flights->loop, Py_True};
    PyObject *task = PyObject_Vectorcall(flights->task_type, arguments + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                         flights->keyword_names);
    Py_DECREF(coroutine);
    PyObject *is_done = task ? PyObject_CallMethodNoArgs(task, flights->done) : NULL;
    *done = is_done == Py_True;
    if (!is_done)
        Py_CLEAR(task);
    Py_XDECREF(is_done);
    return task;
}

/* Starts the call of the ASGI app, which answers the request. */
static void start_call(struct flights *flights, struct request *request, uint64_t waited_before_ns)
{
    struct asgi_exchange *exchange;
    bool done = false;
    PyObject *coroutine = asgi_call(flights->asgi, request, waited_before_ns, &exchange);
    if (!exchange) {
        error_fail(request);
        land(flights, request, waited_before_ns);
        return;
    }
    PyObject *task = coroutine ? make_task(flights, coroutine, &done) : NULL;
    if (done)
        end_call(flights, exchange, task);
    else if (!task || !take_off(flights, NULL, exchange, task, waited_before_ns))
        asgi_done(exchange);
    Py_XDECREF(task);
}

/* Starts the coroutine. True: a flight has the request; false: its answer is written. */
static bool start(struct flights *flights, struct request *request, uint64_t waited_before_ns)
{
    PyObject *coroutine = workload_call_evented(flights->thread, request);
    if (!coroutine)
        return false;
    bool done;
    PyObject *task = make_task(flights, coroutine, &done);
    bool flies = task && !done && take_off(flights, request, NULL, task, waited_before_ns);
    if (task && done)
        answer(flights, request, task);
    else if (!flies)
        error_fail(request);
    Py_XDECREF(task);
    return flies;
}

void flight_start(struct flights *flights, struct request *request, uint64_t picked_up_ns)
{
    if (request_given_up(request)) {
        request_done(request);
        return;
    }
    uint64_t waited_before_ns = waited_ns(flights);
    request->started_ns = picked_up_ns;
    if (request->workload->python == PYTHON_ASGI)
        start_call(flights, request, waited_before_ns);
    else if (!start(flights, request, waited_before_ns))
        land(flights, request, waited_before_ns);
}

void flights_look_at_clients(struct flights *flights)
{
    for (struct flight *flight = flights->first; flight; flight = flight->after) {
        if (flight->exchange) {
            asgi_look_for_disconnect(flight->exchange);
            continue;
        }
        /* Once: it may have something to wait for while it tidies up. */
        if (flight->cancelled || !request_given_up(flight->request))
            continue;
        flight->cancelled = true;
        /* The Task's callbacks run later, from the loop: no flight is forgotten meanwhile. */
        PyObject *cancelled = PyObject_CallMethodNoArgs(flight->task, flights->cancel);
        Py_XDECREF(cancelled);
        PyErr_Clear();
    }
}

PyObject *flights_calls(const struct flights *flights)
{
    PyObject *calls = PyList_New(0);
    for (const struct flight *flight = flights->first; flight && calls; flight = flight->after)
        if (flight->exchange && PyList_Append(calls, flight->task))
            Py_CLEAR(calls);
    return calls;
}

bool flights_open(struct flights *flights, struct python_thread *thread, PyObject *loop)
{
    *flights = (struct flights){.thread = thread, .loop = loop};
    PyObject *module = PyImport_ImportModule("asyncio");
    flights->task_type = module ? PyObject_GetAttrString(module, "Task") : NULL;
    Py_XDECREF(module);
    flights->keyword_names = Py_BuildValue("(ss)", "loop", "eager_start");
    flights->done = PyUnicode_InternFromString("done");
    flights->result = PyUnicode_InternFromString("result");
    flights->add_done_callback = PyUnicode_InternFromString("add_done_callback");
    flights->cancel = PyUnicode_InternFromString("cancel");
    flights->type = PyType_FromSpec(&spec);
    return flights->task_type && flights->keyword_names && flights->done && flights->result &&
           flights->add_done_callback && flights->cancel && flights->type;
}

void flights_close(struct flights *flights)
{
    Py_CLEAR(flights->task_type);
    Py_CLEAR(flights->keyword_names);
    Py_CLEAR(flights->done);
    Py_CLEAR(flights->result);
    Py_CLEAR(flights->add_done_callback);
    Py_CLEAR(flights->cancel);
    Py_CLEAR(flights->type);
}
