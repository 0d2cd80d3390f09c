#include "python/interp/ending.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "python/interp/error.h"

enum { THREADS_MAX = 16, NAME_BYTES = 100 };

static struct {
    long id; /* of the kernel */
    char name[NAME_BYTES];
} threads[THREADS_MAX];

static unsigned count;
static atomic_bool ending; /* threads and count are written before it becomes true */

/* list: of pairs (native_id, name). */
static void note(PyObject *list)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list) && count < THREADS_MAX; i++) {
        const char *name;
        if (PyArg_ParseTuple(PyList_GET_ITEM(list, i), "ls", &threads[count].id, &name))
            (void)snprintf(threads[count++].name, NAME_BYTES, "%s", name);
        else
            error_log("the end of Python");
    }
}

void ending_start(void)
{
    count = 0;
    PyObject *module = PyImport_ImportModule("tandem.ending");
    PyObject *list = module ? PyObject_CallMethod(module, "threads", NULL) : NULL;
    if (list)
        note(list);
    else
        error_log("the end of Python");
    Py_XDECREF(list);
    Py_XDECREF(module);
    atomic_store(&ending, true);
}

void ending_over(void)
{
    atomic_store(&ending, false);
}

static struct {
    uv_mutex_t lock;
    uv_cond_t done_changed;
    bool done;
} flushing;

static void flush(const char *name)
{
    PyObject *stream = PySys_GetObject(name); /* borrowed */
    PyObject *flushed = stream ? PyObject_CallMethod(stream, "flush", NULL) : NULL;
    Py_XDECREF(flushed);
    PyErr_Clear(); /* there is nowhere to report it */
}

void ending_flush_streams(void)
{
    flush("stdout");
    flush("stderr");
}

/* On a thread of its own, since nothing limits a wait for the GIL. */
static void flush_with_gil(void *unused)
{
    (void)unused;
    PyThreadState *state = PyThreadState_New(PyInterpreterState_Main());
    if (!state)
        return;
    PyEval_RestoreThread(state);
    ending_flush_streams();
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();
    uv_mutex_lock(&flushing.lock);
    flushing.done = true;
    uv_cond_signal(&flushing.done_changed);
    uv_mutex_unlock(&flushing.lock);
}

void ending_flush(void)
{
    static atomic_flag begun = ATOMIC_FLAG_INIT;
    uv_thread_t thread;
    if (!Py_IsInitialized() || atomic_load(&ending) || atomic_flag_test_and_set(&begun) ||
        uv_mutex_init(&flushing.lock) || uv_cond_init(&flushing.done_changed) ||
        uv_thread_create(&thread, flush_with_gil, NULL))
        return;
    int late = 0;
    uv_mutex_lock(&flushing.lock);
    while (!flushing.done && !late)
        late = uv_cond_timedwait(&flushing.done_changed, &flushing.lock, NS_PER_S / 10);
    bool done = flushing.done;
    uv_mutex_unlock(&flushing.lock);
    CHECK((done ? pthread_join(thread, NULL) : pthread_detach(thread)) == 0);
}

static bool still_runs(long id)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/task/%ld", id);
    return access(path, F_OK) == 0;
}

bool ending_describe(char *out, size_t size)
{
    if (!atomic_load(&ending))
        return false;
    for (unsigned i = 0; i < count; i++)
        if (still_runs(threads[i].id)) {
            (void)snprintf(out, size, "the app's non-daemon thread '%s' has not ended", threads[i].name);
            return true;
        }
    (void)snprintf(out, size, "an exit handler of the app or of a library (atexit) has not returned");
    return true;
}
