#include "python/workers/task.h"

#include <stddef.h>

#include "python/interp/error.h"
#include "python/interp/fork_child.h"
#include "python/interp/request_timing.h"
#include "python/workloads/workload_module.h"

struct task {
    PyObject ob_base;
    struct tasks *tasks;
    struct request *request;        /* NULL: the exchange has the request */
    struct asgi_exchange *exchange; /* NULL: the task is a workload's */
    PyObject *asyncio_task;
    bool cancelled;
    uint64_t waited_before_ns; /* the thread's waits for the GIL when the task started */
    LIST_ENTRY(task) link;
};

static uint64_t waited_ns(const struct tasks *tasks)
{
    return counter_read(&tasks->thread->account.wait_ns);
}

/* Gives the request back; its reply is written. All GIL waits of the thread since the task's start count as the
 * request's: it waited, too. */
static void finish(const struct tasks *tasks, struct request *request, uint64_t waited_before_ns)
{
    request_timing_give_back(tasks->thread, request, waited_before_ns);
}

/* Writes the reply for the result or the exception of the Task, which is done. */
static void answer(const struct tasks *tasks, struct request *request, PyObject *asyncio_task)
{
    PyObject *result = PyObject_CallMethodNoArgs(asyncio_task, tasks->result);
    workload_answer(request, result);
    Py_XDECREF(result);
}

/* Ends the exchange of an ASGI app's call whose Task is done. */
static void end_call(const struct tasks *tasks, struct asgi_exchange *exchange, PyObject *asyncio_task)
{
    PyObject *result = PyObject_CallMethodNoArgs(asyncio_task, tasks->result);
    Py_XDECREF(result);
    asgi_done(exchange);
}

/* In a forked child that has come back by this Task. Ends it, as if the Task's exception were set, if it has one. */
_Noreturn static void leave_child(const struct tasks *tasks, PyObject *asyncio_task)
{
    PyObject *is_done = asyncio_task ? PyObject_CallMethodNoArgs(asyncio_task, tasks->done) : NULL;
    if (is_done == Py_True)
        (void)PyObject_CallMethodNoArgs(asyncio_task, tasks->result);
    fork_child_leave();
}

/* The Task's done-callback: the call of a struct task. */
static PyObject *on_done(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    (void)arguments;
    (void)keywords;
    struct task *task = (struct task *)self;
    struct tasks *tasks = task->tasks;
    if (fork_is_child())
        leave_child(tasks, task->asyncio_task);
    LIST_REMOVE(task, link);
    if (task->exchange) {
        end_call(tasks, task->exchange, task->asyncio_task);
    } else {
        if (!request_given_up(task->request))
            answer(tasks, task->request, task->asyncio_task);
        finish(tasks, task->request, task->waited_before_ns);
    }
    task->request = NULL;
    Py_CLEAR(task->asyncio_task);
    Py_RETURN_NONE;
}

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((struct task *)self)->asyncio_task);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot slots[] = {{Py_tp_call, (void *)on_done}, {Py_tp_dealloc, (void *)deallocate}, {0, NULL}};
static PyType_Spec spec = {
    .name = "tandem.Task",
    .basicsize = sizeof(struct task),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

/* Adds a done-callback to the pending Task, which will answer the request or end the exchange. False: an exception is
 * set. */
static bool start(struct tasks *tasks, struct request *request, struct asgi_exchange *exchange, PyObject *asyncio_task,
                  uint64_t waited_before_ns)
{
    PyTypeObject *type = (PyTypeObject *)tasks->type;
    struct task *task = (struct task *)type->tp_alloc(type, 0);
    if (!task)
        return false;
    task->tasks = tasks;
    PyObject *added = PyObject_CallMethodOneArg(asyncio_task, tasks->add_done_callback, (PyObject *)task);
    if (added) {
        task->request = request;
        task->exchange = exchange;
        task->asyncio_task = Py_NewRef(asyncio_task);
        task->waited_before_ns = waited_before_ns;
        LIST_INSERT_HEAD(&tasks->all, task, link);
        Py_DECREF(added);
    }
    Py_DECREF(task);
    return added != NULL;
}

/* Makes a Task, which runs the coroutine until it first suspends or ends, unless tasks->lazy. Takes the coroutine.
 * *done: true if it has ended. Returns a new reference; NULL: an exception is set. */
static PyObject *make_task(struct tasks *tasks, PyObject *coroutine, bool *done)
{
    PyObject *arguments[] = {NULL, coroutine, tasks->loop, tasks->lazy ? Py_False : Py_True};
    PyObject *asyncio_task =
        PyObject_Vectorcall(tasks->task_type, arguments + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, tasks->keyword_names);
    Py_DECREF(coroutine);
    if (fork_is_child())
        leave_child(tasks, asyncio_task);
    PyObject *is_done = asyncio_task ? PyObject_CallMethodNoArgs(asyncio_task, tasks->done) : NULL;
    *done = is_done == Py_True;
    if (!is_done)
        Py_CLEAR(asyncio_task);
    Py_XDECREF(is_done);
    return asyncio_task;
}

/* Starts the ASGI app's call for the request. The exchange takes the request; if that fails, it is answered here. */
static void start_call(struct tasks *tasks, struct request *request, uint64_t waited_before_ns)
{
    struct asgi_exchange *exchange;
    bool done = false;
    PyObject *coroutine = asgi_call(tasks->asgi, request, waited_before_ns, &exchange);
    if (!exchange) {
        error_fail(request);
        finish(tasks, request, waited_before_ns);
        return;
    }
    PyObject *asyncio_task = coroutine ? make_task(tasks, coroutine, &done) : NULL;
    if (done)
        end_call(tasks, exchange, asyncio_task);
    else if (!asyncio_task || !start(tasks, NULL, exchange, asyncio_task, waited_before_ns))
        asgi_done(exchange);
    Py_XDECREF(asyncio_task);
}

/* Starts the workload's coroutine. True: a task has the request. False: its reply is written. */
static bool start_request(struct tasks *tasks, struct request *request, uint64_t waited_before_ns)
{
    PyObject *coroutine = workload_call_evented(tasks->thread, request);
    if (!coroutine)
        return false;
    bool done;
    PyObject *asyncio_task = make_task(tasks, coroutine, &done);
    bool started = asyncio_task && !done && start(tasks, request, NULL, asyncio_task, waited_before_ns);
    if (asyncio_task && done)
        answer(tasks, request, asyncio_task);
    else if (!started)
        error_fail(request);
    Py_XDECREF(asyncio_task);
    return started;
}

void task_start(struct tasks *tasks, struct request *request, uint64_t picked_up_ns)
{
    if (request_given_up(request)) {
        request_done(request);
        return;
    }
    uint64_t waited_before_ns = waited_ns(tasks);
    request->started_ns = picked_up_ns;
    if (request->workload->python == PYTHON_ASGI)
        start_call(tasks, request, waited_before_ns);
    else if (!start_request(tasks, request, waited_before_ns))
        finish(tasks, request, waited_before_ns);
}

void tasks_look_at_clients(struct tasks *tasks)
{
    struct task *task;
    LIST_FOREACH(task, &tasks->all, link) {
        if (task->exchange) {
            asgi_look_for_disconnect(task->exchange);
            continue;
        }
        /* Cancelled only once: the coroutine may have to wait while it cleans up. */
        if (task->cancelled || !request_given_up(task->request))
            continue;
        task->cancelled = true;
        /* The Task's callbacks run later, from the event loop, so the list does not change here. */
        PyObject *cancelled = PyObject_CallMethodNoArgs(task->asyncio_task, tasks->cancel);
        Py_XDECREF(cancelled);
        PyErr_Clear();
    }
}

PyObject *tasks_calls(const struct tasks *tasks)
{
    PyObject *calls = PyList_New(0);
    const struct task *task;
    LIST_FOREACH(task, &tasks->all, link)
        if (calls && task->exchange && PyList_Append(calls, task->asyncio_task))
            Py_CLEAR(calls);
    return calls;
}

bool tasks_open(struct tasks *tasks, struct python_thread *thread, PyObject *loop)
{
    *tasks = (struct tasks){.thread = thread, .loop = loop};
    PyObject *module = PyImport_ImportModule("asyncio");
    tasks->task_type = module ? PyObject_GetAttrString(module, "Task") : NULL;
    Py_XDECREF(module);
    tasks->keyword_names = Py_BuildValue("(ss)", "loop", "eager_start");
    tasks->done = PyUnicode_InternFromString("done");
    tasks->result = PyUnicode_InternFromString("result");
    tasks->add_done_callback = PyUnicode_InternFromString("add_done_callback");
    tasks->cancel = PyUnicode_InternFromString("cancel");
    tasks->type = PyType_FromSpec(&spec);
    return tasks->task_type && tasks->keyword_names && tasks->done && tasks->result && tasks->add_done_callback &&
           tasks->cancel && tasks->type;
}

void tasks_close(struct tasks *tasks)
{
    Py_CLEAR(tasks->task_type);
    Py_CLEAR(tasks->keyword_names);
    Py_CLEAR(tasks->done);
    Py_CLEAR(tasks->result);
    Py_CLEAR(tasks->add_done_callback);
    Py_CLEAR(tasks->cancel);
    Py_CLEAR(tasks->type);
}
