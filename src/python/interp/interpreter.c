#include "python/interp/interpreter.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "python/interp/arg_parsers.h"
#include "python/interp/error.h"
#include "python/interp/fork_subinterpreters.h"
#include "python/interp/log_function.h"
#include "python/interp/module_dir.h"
#include "python/interp/module_lock.h"
#include "python/interp/slot_wrappers.h"

static struct interpreter main_interpreter;
static const uint64_t *gc_threshold; /* the arguments of gc.set_threshold in each interpreter; NULL: CPython's own */

/* All subinterpreters, the ended ones included, newest first; under the lock. */
static SLIST_HEAD(subinterpreters, interpreter) subinterpreters;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Held while a subinterpreter is made or ended: in CPython 3.12.1, doing two at a time corrupts what interpreters
 * share. Also guards made. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static unsigned made;
static void (*on_exit_of_app)(int status); /* NULL: os._exit is as it was */
static char faults[512]; /* what subinterpreters do wrong; written under making, by the first one that is made */

/* C modules that only one interpreter can have in 3.12, and the modules that fall back to pure Python without them. */
#if PY_VERSION_HEX < 0x030d0000
static const char *const blocked[] = {"_datetime", "_decimal", "_zoneinfo", NULL};
const char *const interpreter_fallbacks[] = {"datetime", "decimal", "zoneinfo", NULL};
#else
static const char *const blocked[] = {NULL};
const char *const interpreter_fallbacks[] = {NULL};
#endif

struct interpreter *interpreter_main(void)
{
    return &main_interpreter;
}

/* The GIL held, an exception set. Clears it and logs its traceback. */
static void log_exception(void)
{
    char *traceback = error_take_traceback();
    log_error("%s", traceback ? traceback : "out of memory");
    free(traceback);
}

/* The same, and returns ERR_PYTHON. */
static enum err fail_with(const char *text)
{
    log_exception();
    return err_fail(ERR_PYTHON, "%s", text);
}

static enum err fail(const char *what, const char *where)
{
    log_exception();
    return err_fail(ERR_PYTHON, "%s%s cannot be imported", what, where);
}

/* The GIL held. Appends the directory of tandem's Python code to sys.path and checks that the package imports. */
static enum err find_source(void)
{
    char path[PATHS_MAX], where[PATHS_MAX + 8];
    enum err err = module_dir_find(path);
    if (err)
        return err;
    PyObject *entry = PyUnicode_DecodeFSDefault(path);
    PyObject *list = PySys_GetObject("path");
    if (!list)
        PyErr_SetString(PyExc_RuntimeError, "Python has no sys.path");
    bool added = entry && list && PyList_Append(list, entry) == 0;
    Py_XDECREF(entry);
    PyObject *package = added ? PyImport_ImportModule("tandem.workloads") : NULL;
    if (!package) {
        (void)snprintf(where, sizeof where, " in %s", path);
        return fail("the Python package tandem.workloads", where);
    }
    Py_DECREF(package);
    return ERR_OK;
}

/* The GIL held. Makes the calling thread Python's main thread: threading treats the thread that first imports it as the
 * main one. asyncio and uvloop rely on that for signals. */
static enum err settle_main_thread(void)
{
    PyObject *module = PyImport_ImportModule("threading");
    if (!module)
        return fail("the Python module threading", "");
    Py_DECREF(module);
    return ERR_OK;
}

/* The GIL held. This comes before the import of the app, so that the app may set other thresholds. */
static enum err set_gc_threshold(void)
{
    if (!gc_threshold)
        return ERR_OK;
    PyObject *module = PyImport_ImportModule("gc");
    PyObject *result = module ? PyObject_CallMethod(module, "set_threshold", "iii", (int)gc_threshold[0],
                                                    (int)gc_threshold[1], (int)gc_threshold[2])
                              : NULL;
    Py_XDECREF(module);
    if (!result)
        return fail("the Python module gc", "");
    Py_DECREF(result);
    return ERR_OK;
}

static PyObject *call_on_exit(PyObject *self, PyObject *status)
{
    (void)self;
    int number = (int)PyLong_AsLong(status);
    if (PyErr_Occurred())
        return NULL;
    on_exit_of_app(number);
    Py_RETURN_NONE;
}

void interpreter_on_exit(void (*on_exit)(int status))
{
    on_exit_of_app = on_exit;
}

/* The GIL held. Sets up the streams, the signals and os._exit. */
static enum err set_up_process(void)
{
    static PyMethodDef method = {"on_exit", call_on_exit, METH_O, NULL};
    PyObject *log = log_function_new("app");
    PyObject *module = log ? PyImport_ImportModule("tandem.process") : NULL;
    PyObject *on_exit = !module ? NULL : on_exit_of_app ? PyCFunction_New(&method, NULL) : Py_NewRef(Py_None);
    PyObject *result = on_exit ? PyObject_CallMethod(module, "set_up", "OO", log, on_exit) : NULL;
    Py_XDECREF(on_exit);
    Py_XDECREF(module);
    Py_XDECREF(log);
    if (!result)
        return fail("the Python module tandem.process", "");
    Py_DECREF(result);
    return ERR_OK;
}

/* The GIL held. Sets up what every interpreter needs. */
static enum err set_up(void)
{
    enum err err = settle_main_thread();
    if (!err)
        err = set_gc_threshold();
    if (!err)
        err = find_source();
    return err ? err : set_up_process();
}

/* A new subinterpreter's GIL held. Makes the import of each blocked module fail. */
static enum err block_modules(void)
{
    PyObject *modules = PyImport_GetModuleDict();
    for (const char *const *name = blocked; *name; name++)
        if (PyDict_SetItemString(modules, *name, Py_None))
            return fail("the Python module ", *name);
    return ERR_OK;
}

enum err interpreter_open_main(const uint64_t *gc_threshold_wanted)
{
    gc_threshold = gc_threshold_wanted;
    enum err err = set_up();
    if (!err)
        gil_watch_start(&main_interpreter.gil);
    return err;
}

void interpreter_close_main(void)
{
    gil_watch_stop(&main_interpreter.gil);
    kept_let_go(&main_interpreter.kept);
    Py_CLEAR(main_interpreter.app);
    if (!SLIST_EMPTY(&subinterpreters))
        arg_parsers_leave();
}

/* A new subinterpreter's GIL held. Looks for known defects, in the first subinterpreter. */
static enum err look_for_faults(void)
{
    static bool looked;
    if (looked)
        return ERR_OK;
    looked = true;
    PyObject *module = PyImport_ImportModule("tandem.subinterpreter");
    PyObject *found = module ? PyObject_CallMethod(module, "faults", NULL) : NULL;
    PyObject *separator = found ? PyUnicode_FromString("; ") : NULL;
    PyObject *text = separator ? PyUnicode_Join(separator, found) : NULL;
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    if (utf8 && *utf8) {
        (void)snprintf(faults, sizeof faults, "%s", utf8);
        log_warn("this version of CPython has a defect in subinterpreters: %s", faults);
    }
    Py_XDECREF(text);
    Py_XDECREF(separator);
    Py_XDECREF(found);
    Py_XDECREF(module);
    return utf8 ? ERR_OK : fail("the Python module tandem.subinterpreter", "");
}

/* A new subinterpreter's GIL held. */
static enum err set_up_sub(void)
{
    if (!slot_wrappers_prune())
        return fail_with("the built-in types cannot be corrected");
    enum err err = set_up();
    if (!err && module_lock_open() != ERR_OK)
        err = fail("the Python module tandem.subinterpreter", "");
    if (!err)
        err = block_modules();
    return err ? err : look_for_faults();
}

const char *interpreter_faults(void)
{
    return faults[0] ? faults : NULL;
}

/* The main GIL and the lock making held. On an error the main GIL is still held. */
static enum err make(PyThreadState **state)
{
    PyThreadState *creator = PyThreadState_Get();
    if (!slot_wrappers_remember())
        return fail_with("the built-in types cannot be read");
    const PyInterpreterConfig config = {
        .use_main_obmalloc = 0,
        .allow_fork = 0,
        .allow_exec = 0,
        .allow_threads = 1,
        .allow_daemon_threads = 0,
        .check_multi_interp_extensions = 1,
        .gil = PyInterpreterConfig_OWN_GIL,
    };
    PyStatus status = Py_NewInterpreterFromConfig(state, &config);
    if (PyStatus_Exception(status))
        return err_fail(ERR_PYTHON, "Python cannot make a subinterpreter: %s",
                        status.err_msg ? status.err_msg : "it asked to exit");
    enum err err = set_up_sub();
    if (err) {
        Py_EndInterpreter(*state);
        PyEval_RestoreThread(creator);
    }
    return err;
}

/* The interpreter's GIL and the lock making held. */
static void enlist(struct interpreter *interpreter)
{
    interpreter->id = ++made;
    gil_watch_start(&interpreter->gil);
    CHECK(pthread_mutex_lock(&lock) == 0);
    SLIST_INSERT_HEAD(&subinterpreters, interpreter, link);
    CHECK(pthread_mutex_unlock(&lock) == 0);
}

enum err interpreter_new(struct interpreter **out, PyThreadState **state)
{
    struct interpreter *interpreter = calloc(1, sizeof *interpreter);
    if (!interpreter)
        return err_fail(ERR_NOMEM, "out of memory for a subinterpreter");
    PyThreadState *creator = PyEval_SaveThread();
    CHECK(pthread_mutex_lock(&making) == 0);
    PyEval_RestoreThread(creator);
    fork_subinterpreters_watch();
    enum err err = make(state);
    if (!err)
        enlist(interpreter);
    else
        free(interpreter);
    CHECK(pthread_mutex_unlock(&making) == 0);
    if (!err)
        *out = interpreter;
    return err;
}

void interpreter_end(struct interpreter *interpreter, PyThreadState *state)
{
    PyEval_SaveThread();
    CHECK(pthread_mutex_lock(&making) == 0);
    PyEval_RestoreThread(state);
    gil_watch_stop(&interpreter->gil);
    kept_let_go(&interpreter->kept);
    Py_CLEAR(interpreter->app);
    Py_EndInterpreter(state);
    atomic_store(&interpreter->ended, true);
    CHECK(pthread_mutex_unlock(&making) == 0);
}

void interpreter_forget_all(void)
{
    CHECK(pthread_mutex_lock(&lock) == 0);
    while (!SLIST_EMPTY(&subinterpreters)) {
        struct interpreter *interpreter = SLIST_FIRST(&subinterpreters);
        CHECK(atomic_load(&interpreter->ended));
        SLIST_REMOVE_HEAD(&subinterpreters, link);
        free(interpreter);
    }
    CHECK(pthread_mutex_unlock(&lock) == 0);
    made = 0;
    slot_wrappers_forget();
}

void interpreter_each(void (*visit)(struct interpreter *interpreter, void *context), void *context)
{
    struct interpreter *in_order[INTERPRETERS_MAX];
    unsigned count = 0;
    visit(&main_interpreter, context);
    CHECK(pthread_mutex_lock(&lock) == 0);
    struct interpreter *each;
    SLIST_FOREACH(each, &subinterpreters, link)
        if (!atomic_load(&each->ended) && count < INTERPRETERS_MAX)
            in_order[count++] = each;
    while (count > 0)
        visit(in_order[--count], context);
    CHECK(pthread_mutex_unlock(&lock) == 0);
}
