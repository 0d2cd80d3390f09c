#include "python/interpreter.h"

#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "python/error.h"
#include "python/gil_probe.h"
#include "python/paths.h"
#include "python/runtime.h"
#include "python/workload_calls.h"

static PyThreadState *main_state;
static uv_thread_t main_thread;
static struct workload_calls main_calls;
static uint64_t startup_ns;

/* Every thread's place, for the totals; they are freed when the interpreter has stopped. Pushed by any thread. */
static _Atomic(struct python_thread *) threads;

static enum err initialize(void)
{
    PyPreConfig preconfig;
    PyPreConfig_InitIsolatedConfig(&preconfig);
    preconfig.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&preconfig);
    if (PyStatus_Exception(status))
        return err_fail(ERR_PYTHON, "Python cannot start: %s", status.err_msg);

    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.install_signal_handlers = 0; /* SIGINT and SIGPIPE are tandem's */
    config.site_import = 1;
    status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        return err_fail(ERR_PYTHON, "Python cannot start: %s", status.err_msg ? status.err_msg : "it asked to exit");
    return ERR_OK;
}

/* The GIL held. Puts tandem's own Python code on sys.path, last, and sees that it is there. */
static enum err find_source(void)
{
    char path[PATHS_MAX];
    enum err err = paths_python_source(path);
    if (err)
        return err;
    PyObject *entry = PyUnicode_DecodeFSDefault(path);
    PyObject *list = PySys_GetObject("path");
    bool added = entry && list && PyList_Append(list, entry) == 0;
    Py_XDECREF(entry);
    PyObject *package = added ? PyImport_ImportModule("tandem.workloads") : NULL;
    if (!package) {
        char *traceback = error_take_traceback();
        log_error("%s", traceback ? traceback : "out of memory");
        free(traceback);
        return err_fail(ERR_PYTHON, "the Python package tandem.workloads in %s cannot be imported", path);
    }
    Py_DECREF(package);
    return ERR_OK;
}

enum err python_start(void)
{
    uint64_t begun_ns = clock_ns();
    enum err err = initialize();
    if (err)
        return err;
    err = find_source();
    if (err) {
        Py_FinalizeEx();
        return err;
    }
    main_thread = uv_thread_self();
    gil_probe_start();
    main_state = PyEval_SaveThread();
    startup_ns = clock_ns() - begun_ns;
    return ERR_OK;
}

void python_stop(void)
{
    gil_probe_stop();
    gil_wait_attach(NULL);
    PyEval_RestoreThread(main_state);
    workload_calls_unload(&main_calls);
    error_stop();
    /* Below 0 where buffered output was lost: the log has it then. */
    (void)Py_FinalizeEx();
    struct python_thread *thread = atomic_exchange(&threads, NULL);
    while (thread) {
        struct python_thread *next = thread->next;
        free(thread);
        thread = next;
    }
}

uint64_t python_startup_ns(void)
{
    return startup_ns;
}

const char *python_version(void)
{
    static char version[32];
    if (!version[0]) {
        size_t length = strcspn(Py_GetVersion(), " ");
        CHECK(length < sizeof version);
        memcpy(version, Py_GetVersion(), length);
    }
    return version;
}

struct python_thread *python_thread_new(void)
{
    struct python_thread *thread = calloc(1, sizeof *thread);
    if (!thread)
        return NULL;
    uv_thread_t self = uv_thread_self();
    /* With a second state on the main thread, PyGILState_Ensure in somebody's extension would wait for itself. */
    thread->state = uv_thread_equal(&self, &main_thread) ? main_state : PyThreadState_New(main_state->interp);
    if (!thread->state) {
        free(thread);
        return NULL;
    }
    thread->calls = &main_calls;
    gil_wait_attach(&thread->account);
    thread->next = atomic_load(&threads);
    while (!atomic_compare_exchange_weak(&threads, &thread->next, thread))
        continue;
    return thread;
}

void python_thread_end(struct python_thread *thread)
{
    if (thread->state == main_state)
        return;
    PyEval_RestoreThread(thread->state);
    PyThreadState_Clear(thread->state);
    PyThreadState_DeleteCurrent();
    thread->state = NULL;
    gil_wait_attach(NULL);
}

void python_enter(struct python_thread *thread)
{
    PyEval_RestoreThread(thread->state);
}

void python_leave(struct python_thread *thread)
{
    CHECK(PyEval_SaveThread() == thread->state);
}

unsigned python_read_gils(struct gil_stats *out, unsigned max)
{
    if (max == 0)
        return 0;
    struct gil_reading reading = gil_probe_read();
    out[0] = (struct gil_stats){
        .waits_known = gil_wait_measured(),
        .holder_known = reading.known,
        .switches = reading.switches_total,
        .looks = reading.looks,
        .held = reading.held,
    };
    for (struct python_thread *thread = atomic_load(&threads); thread; thread = thread->next) {
        out[0].wait_ns += counter_read(&thread->account.wait_ns);
        out[0].waits += counter_read(&thread->account.waits);
    }
    return 1;
}
