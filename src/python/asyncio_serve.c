#include "python/asyncio_serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "python/app.h"
#include "python/error.h"
#include "python/log_function.h"
#include "python/request_timing.h"

const char *const asyncio_choices[] = {"auto", "asyncio", "uvloop"};

void asyncio_wake(struct asyncio_loop *self)
{
    if (atomic_exchange(&self->signalled, true))
        return;
    const uint64_t one = 1;
    CHECK(write(self->event_fd, &one, sizeof one) == sizeof one);
}

void asyncio_post(void *owner, struct note *note)
{
    struct asyncio_loop *self = owner;
    inbox_push(&self->inbox, note);
    asyncio_wake(self);
}

static void start_batch(struct asyncio_loop *self, struct request_list *batch)
{
    struct request *request = request_list_pop(batch);
    if (!request)
        return;
    uint64_t waited_ns = counter_read(&self->python->account.wait_ns) - self->waited_ns;
    flight_start(&self->flights, request, request_timing_pick_up(request, clock_ns(), waited_ns));
    while ((request = request_list_pop(batch)))
        flight_start(&self->flights, request, clock_ns());
    self->waited_ns = counter_read(&self->python->account.wait_ns);
}

static struct asyncio_loop *self_of(PyObject *capsule)
{
    return PyCapsule_GetPointer(capsule, NULL);
}

/* The Future gets its result, if it has none yet. A new reference to None; NULL: an exception is set. */
static PyObject *end(PyObject *closed)
{
    PyObject *done = PyObject_CallMethod(closed, "done", NULL);
    bool is_done = done == Py_True;
    Py_XDECREF(done);
    return is_done ? Py_NewRef(Py_None) : done ? PyObject_CallMethod(closed, "set_result", "O", Py_None) : NULL;
}

/* What the event loop calls when event_fd can be read. closed: a Future, for whoever waits for the end. */
static PyObject *on_ready(PyObject *capsule, PyObject *closed)
{
    struct asyncio_loop *self = self_of(capsule);
    struct request_list batch = {0};
    uint64_t signals;
    CHECK(read(self->event_fd, &signals, sizeof signals) == sizeof signals || errno == EAGAIN);
    atomic_store(&self->signalled, false);

    inbox_deliver(&self->inbox);
    uv_mutex_lock(&self->queue.lock);
    queue_take_all_locked(&self->queue, &batch);
    uv_mutex_unlock(&self->queue.lock);

    start_batch(self, &batch);
    if (atomic_exchange(&self->clients_left, false))
        flights_look_at_clients(&self->flights);
    return atomic_load(&self->closed) ? end(closed) : Py_NewRef(Py_None);
}

static PyObject *calls(PyObject *capsule, PyObject *unused)
{
    (void)unused;
    return flights_calls(&self_of(capsule)->flights);
}

static PyObject *record_delay(PyObject *capsule, PyObject *late)
{
    double seconds = PyFloat_AsDouble(late);
    if (PyErr_Occurred())
        return NULL;
    if (STATS)
        histogram_record(&self_of(capsule)->model->own_loop.delay, (uint64_t)(seconds * (double)NS_PER_S));
    return Py_NewRef(Py_None);
}

/* The GIL held. Makes the event loop. False: an exception is set. */
static bool make(struct asyncio_loop *self, PyObject *module)
{
    PyObject *event_loop;
    const char *implementation;
    PyObject *made = PyObject_CallMethod(module, "make", "s", asyncio_choices[self->model->config->asyncio_loop]);
    bool good = made && PyArg_ParseTuple(made, "Os", &event_loop, &implementation);
    if (good) {
        self->event_loop = Py_NewRef(event_loop);
        atomic_store(&self->model->own_loop.implementation,
                     strcmp(implementation, "uvloop") == 0 ? "uvloop" : "asyncio");
    }
    Py_XDECREF(made);
    return good && flights_open(&self->flights, self->python, self->event_loop);
}

/* The C half's functions by their names: a dict, a new reference. NULL: an exception is set. */
static PyObject *functions(struct asyncio_loop *self)
{
    static PyMethodDef methods[] = {{"on_ready", on_ready, METH_O, NULL},
                                    {"calls", calls, METH_NOARGS, NULL},
                                    {"record_delay", record_delay, METH_O, NULL}};
    PyObject *capsule = PyCapsule_New(self, NULL, NULL);
    PyObject *made = capsule ? PyDict_New() : NULL;
    for (unsigned i = 0; made && i < sizeof methods / sizeof methods[0]; i++) {
        PyObject *function = PyCFunction_New(&methods[i], capsule);
        if (!function || PyDict_SetItemString(made, methods[i].ml_name, function))
            Py_CLEAR(made);
        Py_XDECREF(function);
    }
    PyObject *log = made ? log_function_new(self->model->ops->name) : NULL;
    if (!log || PyDict_SetItemString(made, "log", log))
        Py_CLEAR(made);
    Py_XDECREF(log);
    Py_XDECREF(capsule);
    return made;
}

/* The GIL held. Runs the event loop until it is stopped. False: an exception is set. */
static bool serve(struct asyncio_loop *self, PyObject *module)
{
    PyObject *method = PyObject_GetAttrString(module, "serve");
    PyObject *lifespan = self->lifespan ? self->lifespan : Py_None;
    double grace = clock_seconds(config_drain_share_ns(self->model->config));
    PyObject *arguments = Py_BuildValue("(OiOd)", self->event_loop, self->event_fd, lifespan, grace);
    PyObject *keywords = functions(self);
    PyObject *result = method && arguments && keywords ? PyObject_Call(method, arguments, keywords) : NULL;
    Py_XDECREF(keywords);
    Py_XDECREF(arguments);
    Py_XDECREF(method);
    Py_XDECREF(result);
    return result != NULL;
}

/* Nothing that a request does ends the loop: where it ends, who waits for an answer would wait for ever. */
static void serve_or_die(struct asyncio_loop *self, PyObject *module)
{
    if (serve(self, module))
        return;
    char *traceback = error_take_traceback();
    log_error("py-asyncio's event loop has ended: %s", traceback ? traceback : "out of memory");
    free(traceback);
    abort();
}

/* The GIL held. Where the app is an ASGI app it starts. False: an exception is set. */
static bool start_app(struct asyncio_loop *self, PyObject *module)
{
    if (app_workload.python != PYTHON_ASGI)
        return true;
    self->asgi = asgi_start(self->python, module, self->event_loop, asyncio_post, self, &self->lifespan);
    self->flights.asgi = self->asgi;
    self->app_failed = !self->asgi;
    return self->asgi != NULL;
}

void asyncio_serve(struct asyncio_loop *self)
{
    python_thread_is_no_daemon();
    PyObject *module = PyImport_ImportModule("tandem.asyncio_loop");
    if (!module || !make(self, module) || !start_app(self, module)) {
        char *summary = error_take_summary();
        (void)snprintf(self->failure, sizeof self->failure, "%s", summary ? summary : "out of memory");
        free(summary);
        uv_sem_post(&self->started);
    } else {
        uv_sem_post(&self->started);
        serve_or_die(self, module);
    }
    inbox_deliver(&self->inbox);
    asgi_close(self->asgi);
    Py_CLEAR(self->lifespan);
    flights_close(&self->flights);
    Py_CLEAR(self->event_loop);
    Py_XDECREF(module);
}
