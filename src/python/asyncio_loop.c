#include "python/asyncio_loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/queue.h"
#include "python/error.h"
#include "python/flight.h"

struct asyncio_loop {
    struct model *model;
    struct queue queue;
    atomic_bool closed;
    atomic_bool given_up; /* some request's answer is not wanted any more */
    int event_fd;
    atomic_bool signalled; /* event_fd is, and the loop will see it */

    uv_thread_t thread;
    uv_sem_t started;
    char failure[512]; /* why it has not started; empty where it has */

    /* Its thread's only. */
    struct python_thread *python;
    struct flights flights;
    PyObject *event_loop;
    uint64_t waited_ns; /* its waits for the GIL, up to the end of the latest batch */
};

static const char *const choices[] = {"auto", "asyncio", "uvloop"}; /* by enum asyncio_choice */

/* ANY thread. */
static void wake(struct asyncio_loop *self)
{
    if (atomic_exchange(&self->signalled, true))
        return;
    const uint64_t one = 1;
    CHECK(write(self->event_fd, &one, sizeof one) == sizeof one);
}

static void start_batch(struct asyncio_loop *self, struct request_list *batch)
{
    struct request *request = request_list_pop(batch);
    if (!request)
        return;
    uint64_t waited_ns = counter_read(&self->python->account.wait_ns) - self->waited_ns;
    flight_start(&self->flights, request, workload_pick_up(request, waited_ns));
    while ((request = request_list_pop(batch)))
        flight_start(&self->flights, request, clock_ns());
    self->waited_ns = counter_read(&self->python->account.wait_ns);
}

static struct asyncio_loop *self_of(PyObject *capsule)
{
    return PyCapsule_GetPointer(capsule, NULL);
}

/* What the event loop calls when event_fd can be read. */
static PyObject *on_ready(PyObject *capsule, PyObject *unused)
{
    (void)unused;
    struct asyncio_loop *self = self_of(capsule);
    struct request_list batch = {0};
    uint64_t signals;
    CHECK(read(self->event_fd, &signals, sizeof signals) == sizeof signals || errno == EAGAIN);
    atomic_store(&self->signalled, false);

    uv_mutex_lock(&self->queue.lock);
    queue_take_all_locked(&self->queue, &batch);
    uv_mutex_unlock(&self->queue.lock);

    start_batch(self, &batch);
    if (atomic_exchange(&self->given_up, false))
        flights_cancel_given_up(&self->flights);
    return atomic_load(&self->closed) ? PyObject_CallMethod(self->event_loop, "stop", NULL) : Py_NewRef(Py_None);
}

static PyObject *is_closed(PyObject *capsule, PyObject *unused)
{
    (void)unused;
    return PyBool_FromLong(atomic_load(&self_of(capsule)->closed));
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

/* Not self's: a Task that outlives the loop may still have something to say when it goes. */
static PyObject *write_log(PyObject *unused, PyObject *message)
{
    (void)unused;
    const char *text = PyBytes_AsString(message);
    if (!text)
        return NULL;
    log_error("py-asyncio: %s", text);
    Py_RETURN_NONE;
}

/* The GIL held. Makes the event loop. False: an exception is set. */
static bool make(struct asyncio_loop *self, PyObject *module)
{
    PyObject *event_loop;
    const char *implementation;
    PyObject *made = PyObject_CallMethod(module, "make", "s", choices[self->model->config->asyncio_loop]);
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
    static PyMethodDef methods[] = {{"on_ready", on_ready, METH_NOARGS, NULL},
                                    {"is_closed", is_closed, METH_NOARGS, NULL},
                                    {"record_delay", record_delay, METH_O, NULL},
                                    {"log", write_log, METH_O, NULL}};
    PyObject *capsule = PyCapsule_New(self, NULL, NULL);
    PyObject *made = capsule ? PyDict_New() : NULL;
    for (unsigned i = 0; made && i < sizeof methods / sizeof methods[0]; i++) {
        PyObject *function = PyCFunction_New(&methods[i], capsule);
        if (!function || PyDict_SetItemString(made, methods[i].ml_name, function))
            Py_CLEAR(made);
        Py_XDECREF(function);
    }
    Py_XDECREF(capsule);
    return made;
}

/* The GIL held. Runs the event loop until it is stopped. False: an exception is set. */
static bool serve(struct asyncio_loop *self, PyObject *module)
{
    PyObject *method = PyObject_GetAttrString(module, "serve");
    PyObject *arguments = Py_BuildValue("(Oi)", self->event_loop, self->event_fd);
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

/* The GIL held. From the import to the event loop's end. */
static void live(struct asyncio_loop *self)
{
    PyObject *module = PyImport_ImportModule("tandem.asyncio_loop");
    if (!module || !make(self, module)) {
        char *summary = error_take_summary();
        (void)snprintf(self->failure, sizeof self->failure, "%s", summary ? summary : "out of memory");
        free(summary);
        uv_sem_post(&self->started);
    } else {
        uv_sem_post(&self->started);
        serve_or_die(self, module);
    }
    flights_close(&self->flights);
    Py_CLEAR(self->event_loop);
    Py_XDECREF(module);
}

static void run(void *argument)
{
    struct asyncio_loop *self = argument;
    self->python = python_thread_new();
    if (!self->python) {
        strcpy(self->failure, "out of memory");
        uv_sem_post(&self->started);
        return;
    }
    CHECK(pthread_getcpuclockid(pthread_self(), &self->model->own_loop.cpu_clock) == 0);
    self->model->own_loop.started_ns = clock_ns();
    python_enter(self->python);
    live(self);
    python_leave(self->python);
    python_thread_end(self->python);
}

static void dismiss(struct asyncio_loop *self)
{
    atomic_store(&self->model->own_loop.implementation, NULL);
    queue_free(&self->queue);
    uv_sem_destroy(&self->started);
    if (self->event_fd >= 0)
        close(self->event_fd);
    free(self);
}

static enum err start_thread(struct asyncio_loop *self)
{
    int status = uv_thread_create(&self->thread, run, self);
    if (status)
        return err_fail(ERR_SYSTEM, "cannot start py-asyncio's thread: %s", uv_strerror(status));
    uv_sem_wait(&self->started);
    if (!self->failure[0])
        return ERR_OK;
    CHECK(uv_thread_join(&self->thread) == 0);
    return err_fail(ERR_PYTHON, "--asyncio-loop %s: %s", choices[self->model->config->asyncio_loop], self->failure);
}

enum err asyncio_loop_start(struct model *model)
{
    struct asyncio_loop *self = calloc(1, sizeof *self);
    if (!self)
        return err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
    self->model = model;
    enum err err = queue_init(&self->queue, model);
    if (err) {
        free(self);
        return err;
    }
    CHECK(uv_sem_init(&self->started, 0) == 0);
    self->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->event_fd < 0)
        err = err_fail(ERR_SYSTEM, "cannot make an eventfd for %s: %s", model->ops->name, strerror(errno));
    else
        err = start_thread(self);
    if (err) {
        dismiss(self);
        return err;
    }
    model->threads = 1;
    model->own = self;
    return ERR_OK;
}

enum err asyncio_loop_submit(struct model *model, struct request *request)
{
    struct asyncio_loop *self = model->own;
    return queue_submit(&self->queue, request);
}

void asyncio_loop_flush(struct model *model, struct loop *loop)
{
    struct asyncio_loop *self = model->own;
    if (queue_batch_empty(&self->queue, loop))
        return;
    uv_mutex_lock(&self->queue.lock);
    queue_flush_locked(&self->queue, loop);
    uv_mutex_unlock(&self->queue.lock);
    wake(self);
}

void asyncio_loop_cancel(struct model *model, struct request *request)
{
    (void)request;
    struct asyncio_loop *self = model->own;
    atomic_store(&self->given_up, true);
    wake(self);
}

void asyncio_loop_stop(struct model *model)
{
    struct asyncio_loop *self = model->own;
    atomic_store(&self->closed, true);
    wake(self);
    CHECK(uv_thread_join(&self->thread) == 0);
    dismiss(self);
}
