#include "python/interp/thread.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/clock.h"
#include "captured_log.h"
#include "python/interp/runtime.h"
#include "python/threads.h"
#include "python/tree.h"
#include "suite.h"

static void open_python(void)
{
    tree_open();
    tree_write_packages();
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
}

static void close_python(void)
{
    python_stop();
    tree_close();
}

/* Runs Python code on the main thread. */
static void run_python(const char *code)
{
    struct python_thread *thread = python_thread_new();
    ck_assert_ptr_nonnull(thread);
    python_enter(thread);
    tree_python(code);
    python_leave(thread);
    python_thread_end(thread);
}

static void run_on_thread(void (*function)(void *), void *argument)
{
    uv_thread_t thread;
    ck_assert_int_eq(uv_thread_create(&thread, function, argument), 0);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
}

static void wait_for_the_end(void *semaphore)
{
    uv_sem_wait(semaphore);
}

static void enter_and_leave(void *unused)
{
    (void)unused;
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    tree_python("import sys\nassert sys.version_info >= (3, 12)\n");
    python_leave(thread);
    python_thread_end(thread);
}

START_TEST(it_starts_with_the_gil_free_and_stops)
{
    uv_sem_t end;
    uv_thread_t other;
    uv_sem_init(&end, 0);
    ck_assert_int_eq(uv_thread_create(&other, wait_for_the_end, &end), 0);
    unsigned before = thread_count(); /* includes the thread that a sanitizer may start with the first one */
    ck_assert_uint_eq(python_startup_ns(), 0);
    uint64_t begun_ns = clock_ns();
    open_python();
    uint64_t took_ns = clock_ns() - begun_ns;
    ck_assert_uint_gt(python_startup_ns(), 0);
    ck_assert_uint_le(python_startup_ns(), took_ns);
    ck_assert(Py_IsInitialized());
    run_on_thread(enter_and_leave, NULL);
    close_python();
    ck_assert(!Py_IsInitialized());
    expect_threads(before);
    uv_sem_post(&end);
    ck_assert_int_eq(uv_thread_join(&other), 0);
}
END_TEST

START_TEST(the_version_is_known_before_the_start)
{
    ck_assert_str_eq(python_version(), PY_VERSION);
    open_python();
    run_python("import platform\nassert platform.python_version() == '" PY_VERSION "'\n");
    ck_assert_str_eq(python_version(), PY_VERSION);
    close_python();
    ck_assert_str_eq(python_version(), PY_VERSION);
}
END_TEST

START_TEST(the_users_environment_is_not_python_s)
{
    setenv("PYTHONPATH", "/from/the/user", 1);
    setenv("PYTHONHOME", "/from/the/user", 1);
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    setenv("LC_ALL", "C", 1);
    open_python();
    run_python("import sys\n"
               "assert sys.flags.isolated and sys.flags.ignore_environment and sys.flags.no_user_site\n"
               "assert not sys.flags.dont_write_bytecode\n"
               "assert sys.flags.utf8_mode and sys.getfilesystemencoding() == 'utf-8'\n"
               "assert not [entry for entry in sys.path if entry == '' or entry.startswith('/from')], sys.path\n");
    close_python();
}
END_TEST

static void on_interrupt(int number)
{
    (void)number;
}

/* The server's handlers are there before Python starts. */
START_TEST(signals_stay_tandem_s)
{
    signal(SIGINT, on_interrupt);
    signal(SIGPIPE, SIG_DFL);
    open_python();
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    ck_assert(action.sa_handler == on_interrupt);
    sigaction(SIGPIPE, NULL, &action);
    ck_assert(action.sa_handler == SIG_DFL);
    close_python();
}
END_TEST

START_TEST(tandem_s_own_code_is_last_on_the_path_and_no_module_of_python_s_is_hidden)
{
    char code[1024];
    tree_open();
    tree_write_packages();
    tree_write("json.py", "raise ValueError\n");
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
    snprintf(code, sizeof code,
             "import json, os, sys\n"
             "assert 'tandem.workloads' in sys.modules\n"
             "assert sys.path[-1] == os.path.realpath('%s'), sys.path\n",
             tree_source);
    run_python(code);
    close_python();
}
END_TEST

/* Expects that the start fails, that the log has the traceback, and that neither interpreter nor thread is left. */
static void expect_no_start(const char *traceback_begin, const char *traceback_end)
{
    char sentence[1200], real_name[1024];
    unsigned before = thread_count();
    captured_log_begin();
    enum err err = python_start(NULL, NULL);
    const char *log = captured_log_end();
    ck_assert_int_eq(err, ERR_PYTHON);
    ck_assert_msg(strstr(log, traceback_begin) && strstr(log, traceback_end), "%s", log);
    ck_assert_ptr_nonnull(realpath(tree_source, real_name));
    snprintf(sentence, sizeof sentence, "the Python package tandem.workloads in %s cannot be imported", real_name);
    ck_assert_str_eq(err_message(), sentence);
    ck_assert(!Py_IsInitialized());
    ck_assert_uint_eq(python_startup_ns(), 0);
    expect_threads(before);
    tree_close();
}

START_TEST(a_package_that_raises_fails_the_start)
{
    tree_open();
    tree_write("tandem/__init__.py", "");
    tree_write("tandem/workloads/__init__.py", "\nraise RuntimeError('broken')\n");
    expect_no_start(" ERROR Traceback (most recent call last):\n",
                    "__init__.py\", line 2, in <module>\n    raise RuntimeError('broken')\nRuntimeError: broken\n");
}
END_TEST

START_TEST(a_package_without_the_workloads_fails_the_start)
{
    tree_open();
    tree_write("tandem/__init__.py", "");
    expect_no_start(" ERROR ", "ModuleNotFoundError: No module named 'tandem.workloads'\n");
}
END_TEST

START_TEST(without_any_package_the_start_fails_and_says_what_is_missing)
{
    tree_program = NULL;
    ck_assert_int_eq(python_start(NULL, NULL), ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err_message(), "/proc/self/exe"));
    ck_assert(!Py_IsInitialized());
}
END_TEST

START_TEST(no_more_gils_are_read_than_fit)
{
    struct gil_stats untouched = {.interpreter = 99};
    open_python();
    ck_assert_uint_eq(python_read_gils(&untouched, 0), 0);
    ck_assert_uint_eq(untouched.interpreter, 99);
    close_python();
}
END_TEST

SUITE("runtime", it_starts_with_the_gil_free_and_stops, the_version_is_known_before_the_start,
      the_users_environment_is_not_python_s, signals_stay_tandem_s,
      tandem_s_own_code_is_last_on_the_path_and_no_module_of_python_s_is_hidden, a_package_that_raises_fails_the_start,
      a_package_without_the_workloads_fails_the_start, without_any_package_the_start_fails_and_says_what_is_missing,
      no_more_gils_are_read_than_fit)
