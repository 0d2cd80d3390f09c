#include "python/workers/event_loop_thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "python/app/app.h"
#include "python/app/borrowed_bytes.h"
#include "python/interp/error.h"
#include "python/interp/fork_child.h"
#include "python/interp/log_function.h"
#include "python/interp/request_timing.h"

const char *const asyncio_choices[] = {"auto", "asyncio", "uvloop"};

void event_loop_thread_wake(struct event_loop_state *self)
{
    if (atomic_exchange(&self->signalled, true))
        return;
    const uint64_t one = 1;
    CHECK(write(self->event_fd, &one, sizeof one) == sizeof one);
}

void event_loop_thread_post(void *owner, struct inbox_message *inbox_message)
{
    struct event_loop_state *self = owner;
    inbox_push(&self->inbox, inbox_message);
    event_loop_thread_wake(self);
}

/* Much of what replies have borrowed has come back. */
static void on_returned(void *owner)
{
    event_loop_thread_wake(owner);
}

static void start_batch(struct event_loop_state *self, struct request_list *batch)
{
    struct request *request = request_list_pop(batch);
    if (!request)
        return;
    uint64_t waited_ns = counter_read(&self->python->account.wait_ns) - self->waited_ns;
    task_start(&self->tasks, request, request_timing_pick_up(request, clock_ns(), waited_ns));
    while ((request = request_list_pop(batch)))
        task_start(&self->tasks, request, clock_ns());
    self->waited_ns = counter_read(&self->python->account.wait_ns);
}

static struct event_loop_state *self_of(PyObject *capsule)
{
    return PyCapsule_GetPointer(capsule, NULL);
}

/* Gives the Future closed a result, unless it has one. Returns a new reference to None; NULL: an exception is set. */
static PyObject *end(PyObject *closed)
{
    PyObject *done = PyObject_CallMethod(closed, "done", NULL);
    bool is_done = done == Py_True;
    Py_XDECREF(done);
    return is_done ? Py_NewRef(Py_None) : done ? PyObject_CallMethod(closed, "set_result", "O", Py_None) : NULL;
}

/* The event loop calls this when event_fd is readable. closed: a Future, which gets a result when no more requests will
 * come. */
static PyObject *on_ready(PyObject *capsule, PyObject *closed)
{
    fork_child_check();
    struct event_loop_state *self = self_of(capsule);
    struct request_list batch = {0};
    uint64_t signals;
    CHECK(read(self->event_fd, &signals, sizeof signals) == sizeof signals || errno == EAGAIN);
    atomic_store(&self->signalled, false);

    inbox_deliver(&self->inbox);
    borrowed_bytes_let_go(self->python);
    uv_mutex_lock(&self->queue.lock);
    queue_take_all_locked(&self->queue, &batch);
    uv_mutex_unlock(&self->queue.lock);

    start_batch(self, &batch);
    if (atomic_exchange(&self->clients_left, false))
        tasks_look_at_clients(&self->tasks);
    return atomic_load(&self->closed) ? end(closed) : Py_NewRef(Py_None);
}

static PyObject *calls(PyObject *capsule, PyObject *unused)
{
    (void)unused;
    return tasks_calls(&self_of(capsule)->tasks);
}

/* lazily: True while the event loop is in debug mode. It then names each callback that takes long, and a coroutine that
 * on_ready ran would be named on_ready. */
static PyObject *start_tasks(PyObject *capsule, PyObject *lazily)
{
    int lazy = PyObject_IsTrue(lazily);
    if (lazy < 0)
        return NULL;
    self_of(capsule)->tasks.lazy = lazy;
    return Py_NewRef(Py_None);
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

/* The GIL held. Makes the event loop and opens its tasks. False: an exception is set. */
static bool make(struct event_loop_state *self, PyObject *module)
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
    return good && tasks_open(&self->tasks, self->python, self->event_loop);
}

/* Returns a dict of the C functions that serve in asyncio_loop.py calls, by name. A new reference; NULL: an exception
 * is set. */
static PyObject *functions(struct event_loop_state *self)
{
    static PyMethodDef methods[] = {{"on_ready", on_ready, METH_O, NULL},
                                    {"calls", calls, METH_NOARGS, NULL},
                                    {"start_tasks", start_tasks, METH_O, NULL},
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
    PyObject *check_child = made ? fork_child_check_function_new() : NULL;
    if (!check_child || PyDict_SetItemString(made, "check_child", check_child))
        Py_CLEAR(made);
    Py_XDECREF(check_child);
    Py_XDECREF(capsule);
    return made;
}

/* The GIL held. Runs the event loop until it is stopped. False: an exception is set. */
static bool serve(struct event_loop_state *self, PyObject *module)
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

/* The GIL held. Serves; aborts the process if the event loop ends with an exception. No request can cause that, and
 * every waiting client would wait forever. */
static void serve_or_die(struct event_loop_state *self, PyObject *module)
{
    if (serve(self, module))
        return;
    char *traceback = error_take_traceback();
    log_error("py-asyncio's event loop has ended: %s", traceback ? traceback : "out of memory");
    free(traceback);
    abort();
}

/* The GIL held. Starts the user's app, if it is an ASGI app. False: an exception is set. */
static bool start_app(struct event_loop_state *self, PyObject *module)
{
    if (app_workload.python != PYTHON_ASGI)
        return true;
    self->asgi = asgi_start(self->python, module, self->event_loop, event_loop_thread_post, self, &self->lifespan);
    self->tasks.asgi = self->asgi;
    self->app_failed = !self->asgi;
    return self->asgi != NULL;
}

void event_loop_thread_serve(struct event_loop_state *self)
{
    python_thread_is_no_daemon();
    self->python->owner = self;
    self->python->wake = on_returned;
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
    borrowed_bytes_let_go(self->python);
    asgi_close(self->asgi);
    Py_CLEAR(self->lifespan);
    tasks_close(&self->tasks);
    Py_CLEAR(self->event_loop);
    Py_XDECREF(module);
}
