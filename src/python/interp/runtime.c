#include "python/interp/runtime.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "python/interp/ending.h"
#include "python/interp/executable.h"
#include "python/interp/module_dir.h"
#include "python/interp/thread.h"

static PyThreadState *main_state;
static uint64_t startup_ns;

#define PACKAGES_FORMAT "lib/python%d.%d/site-packages"

/* True if the virtual environment has packages for this version of Python. */
static bool is_for_this_version(const char *venv)
{
    char path[PATHS_MAX];
    (void)snprintf(path, sizeof path, "%s/" PACKAGES_FORMAT, venv, PY_MAJOR_VERSION, PY_MINOR_VERSION);
    return access(path, R_OK) == 0;
}

enum err python_check_venv(const char *venv)
{
    char path[PATHS_MAX];
    (void)snprintf(path, sizeof path, "%s/pyvenv.cfg", venv);
    if (access(path, R_OK) != 0)
        return err_fail(ERR_INVALID, "--venv: '%s' is no virtual environment: it has no pyvenv.cfg", venv);
    if (!is_for_this_version(venv))
        return err_fail(
            ERR_INVALID,
            "--venv: '%s' is not for Python %d.%d: it has no " PACKAGES_FORMAT "; %s -m venv DIR makes one that is",
            venv, PY_MAJOR_VERSION, PY_MINOR_VERSION, PY_MAJOR_VERSION, PY_MINOR_VERSION, executable_command());
    return ERR_OK;
}

/* Returns the environment of the first python3 on the PATH, as images of containers often have it; NULL if that is no
 * environment's. */
static const char *venv_on_path(void)
{
    static char venv[PATHS_MAX];
    const char *path = getenv("PATH");
    for (const char *at = path ? path : ""; *at;) {
        int length = (int)strcspn(at, ":");
        char file[PATHS_MAX];
        (void)snprintf(file, sizeof file, "%.*s/python3", length, at);
        if (access(file, X_OK) == 0) {
            (void)snprintf(file, sizeof file, "%.*s/../pyvenv.cfg", length, at);
            (void)snprintf(venv, sizeof venv, "%.*s/..", length, at);
            return access(file, R_OK) == 0 ? venv : NULL;
        }
        at += length + (at[length] == ':');
    }
    return NULL;
}

/* Returns the environment that the user has activated; NULL if there is none. Warns of one for another version: the
 * user may think that it is used. */
static const char *activated_venv(void)
{
    const char *venv = getenv("VIRTUAL_ENV");
    if (!venv || !*venv)
        venv = venv_on_path();
    if (!venv)
        return NULL;
    if (is_for_this_version(venv))
        return venv;
    log_warn("the activated virtual environment '%s' is not used: it has no " PACKAGES_FORMAT
             "; %s -m venv DIR makes one that is",
             venv, PY_MAJOR_VERSION, PY_MINOR_VERSION, executable_command());
    return NULL;
}

/* Tells Python which executable it is: by its path Python finds its library and the environment's packages, and apps
 * and multiprocessing start it as sys.executable. Left to itself, Python takes the first python3 on the PATH, which may
 * be of another version. */
static PyStatus set_executable(PyConfig *config, const char *venv)
{
    char directory[PATHS_MAX], path[PATHS_MAX + sizeof "/bin/python"];
    if (!venv && executable_path())
        return PyConfig_SetBytesString(config, &config->executable, executable_path());
    if (!venv) /* then only the PATH can have one of this version */
        return PyConfig_SetBytesString(config, &config->program_name, executable_command());
    if (!realpath(venv, directory))
        return PyStatus_Error("its directory cannot be found");
    (void)snprintf(path, sizeof path, "%s/bin/python", directory);
    return PyConfig_SetBytesString(config, &config->executable, path);
}

static enum err refuse(PyStatus status, const char *venv)
{
    const char *why = status.err_msg ? status.err_msg : "it asked to exit";
    return venv ? err_fail(ERR_INVALID, "--venv: Python cannot start with '%s': %s", venv, why)
                : err_fail(ERR_PYTHON, "Python cannot start: %s", why);
}

static enum err initialize(const char *venv)
{
    PyPreConfig preconfig;
    PyPreConfig_InitIsolatedConfig(&preconfig);
    preconfig.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&preconfig);
    if (PyStatus_Exception(status))
        return err_fail(ERR_PYTHON, "Python cannot start: %s", status.err_msg);

    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.install_signal_handlers = 0; /* tandem handles SIGINT and SIGPIPE itself */
    config.site_import = 1;
    status = PyConfig_SetBytesArgv(&config, 1, (char *const[]){program_invocation_name}); /* sys.argv */
    if (!PyStatus_Exception(status))
        status = set_executable(&config, venv);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        return refuse(status, venv);
    return ERR_OK;
}

enum err python_start(const char *venv, const uint64_t *gc_threshold)
{
    uint64_t begun_ns = clock_ns();
    enum err err = venv ? python_check_venv(venv) : ERR_OK;
    if (!err)
        err = initialize(venv ? venv : activated_venv());
    if (err)
        return err;
    err = interpreter_open_main(gc_threshold);
    if (err) {
        Py_FinalizeEx();
        return err;
    }
    if (STATS)
        gil_probe_start();
    main_state = PyEval_SaveThread();
    python_thread_set_main(main_state);
    startup_ns = clock_ns() - begun_ns;
    return ERR_OK;
}

void python_on_exit(void (*on_exit)(int status))
{
    interpreter_on_exit(on_exit);
}

void python_stop(void)
{
    gil_probe_stop();
    gil_wait_attach(NULL);
    PyEval_RestoreThread(main_state);
    interpreter_close_main();
    ending_start();
    /* A negative result means that buffered output was lost. Python itself reports that on stderr. */
    (void)Py_FinalizeEx();
    ending_over();
    python_thread_forget_all();
    interpreter_forget_all();
}

uint64_t python_startup_ns(void)
{
    return startup_ns;
}

const char *python_command(void)
{
    return executable_command();
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

struct filling {
    struct gil_stats *out;
    unsigned count, max;
};

static void read_gil(struct interpreter *interpreter, void *context)
{
    struct filling *filling = context;
    if (filling->count == filling->max)
        return;
    struct gil_stats *gil = &filling->out[filling->count++];
    struct gil_reading reading = gil_watch_read(&interpreter->gil);
    *gil = (struct gil_stats){
        .interpreter = interpreter->id,
        .waits_known = gil_wait_measured(),
        .holder_known = reading.known,
        .switches = reading.switches_total,
        .samples = reading.samples,
        .held = reading.held,
    };
    python_thread_sum_waits(interpreter, &gil->wait_ns, &gil->waits);
}

unsigned python_read_gils(struct gil_stats *out, unsigned max)
{
    struct filling filling = {.out = out, .max = max};
    interpreter_each(read_gil, &filling);
    return filling.count;
}
