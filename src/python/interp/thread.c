#include "python/interp/thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "python/interp/error.h"

static PyThreadState *main_state;
static uv_thread_t main_thread;

/* Every struct python_thread, the ended ones included, for the totals; under the lock. */
static SLIST_HEAD(python_threads, python_thread) threads;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void python_thread_set_main(PyThreadState *state)
{
    main_state = state;
    main_thread = uv_thread_self();
}

void python_thread_forget_all(void)
{
    CHECK(pthread_mutex_lock(&lock) == 0);
    while (!SLIST_EMPTY(&threads)) {
        struct python_thread *thread = SLIST_FIRST(&threads);
        SLIST_REMOVE_HEAD(&threads, link);
        free(thread);
    }
    CHECK(pthread_mutex_unlock(&lock) == 0);
}

struct python_thread *python_thread_new(void)
{
    struct python_thread *thread = calloc(1, sizeof *thread);
    if (!thread)
        return NULL;
    uv_thread_t self = uv_thread_self();
    /* With a second state on the main thread, PyGILState_Ensure in an extension module would deadlock. */
    thread->state = uv_thread_equal(&self, &main_thread) ? main_state : PyThreadState_New(main_state->interp);
    if (!thread->state) {
        free(thread);
        return NULL;
    }
    thread->interpreter = interpreter_main();
    thread->calls = &thread->interpreter->calls;
    gil_wait_attach(&thread->account);
    CHECK(pthread_mutex_lock(&lock) == 0);
    SLIST_INSERT_HEAD(&threads, thread, link);
    CHECK(pthread_mutex_unlock(&lock) == 0);
    return thread;
}

struct python_thread *python_thread_new_interpreter(void)
{
    struct python_thread *thread = python_thread_new();
    if (!thread) {
        enum err err = err_fail(ERR_NOMEM, "out of memory for a thread state");
        (void)err;
        return NULL;
    }
    CHECK(thread->state != main_state);
    python_enter(thread);
    struct interpreter *interpreter;
    PyThreadState *state;
    if (interpreter_new(&interpreter, &state)) {
        python_leave(thread);
        python_thread_end(thread);
        return NULL;
    }
    thread->creator = thread->state;
    thread->state = state;
    /* python_thread_sum_waits may already read this field, if the start takes long. */
    CHECK(pthread_mutex_lock(&lock) == 0);
    thread->interpreter = interpreter;
    CHECK(pthread_mutex_unlock(&lock) == 0);
    thread->calls = &interpreter->calls;
    python_leave(thread);
    return thread;
}

void python_thread_end(struct python_thread *thread)
{
    PyEval_RestoreThread(thread->state);
    kept_let_go(&thread->kept);
    thread->wsgi = NULL;
    if (thread->state == main_state) {
        PyEval_SaveThread();
        return;
    }
    if (thread->creator) {
        interpreter_end(thread->interpreter, thread->state);
        PyEval_RestoreThread(thread->creator);
        PyThreadState_Clear(thread->creator);
    } else {
        PyThreadState_Clear(thread->state);
    }
    PyThreadState_DeleteCurrent();
    thread->state = thread->creator = NULL;
    gil_wait_attach(NULL);
}

void python_enter(struct python_thread *thread)
{
    PyEval_RestoreThread(thread->state);
    thread->inside = true;
}

void python_leave(struct python_thread *thread)
{
    thread->inside = false;
    CHECK(PyEval_SaveThread() == thread->state);
}

void python_thread_sum_waits(const struct interpreter *interpreter, uint64_t *wait_ns, uint64_t *waits)
{
    const struct python_thread *thread;
    CHECK(pthread_mutex_lock(&lock) == 0);
    SLIST_FOREACH(thread, &threads, link)
        if (thread->interpreter == interpreter) {
            *wait_ns += counter_read(&thread->account.wait_ns);
            *waits += counter_read(&thread->account.waits);
        }
    CHECK(pthread_mutex_unlock(&lock) == 0);
}

void python_thread_is_no_daemon(void)
{
    PyObject *module = PyImport_ImportModule("threading");
    PyObject *current = module ? PyObject_CallMethod(module, "current_thread", NULL) : NULL;
    if (!current || PyObject_SetAttrString(current, "_daemonic", Py_False))
        error_log("threading");
    Py_XDECREF(current);
    Py_XDECREF(module);
}
