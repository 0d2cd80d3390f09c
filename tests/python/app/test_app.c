#include "python/app/app.h"

#include <string.h>

#include "captured_log.h"
#include "python/interp/interpreter.h"
#include "python/interp/runtime.h"
#include "python/interp/thread.h"
#include "python/tree.h"
#include "suite.h"

static struct config config;

static void open_python(void)
{
    tree_open();
    tree_write_packages();
    tree_copy("tandem/app.py");
    config = (struct config){.app_dir = tree_source};
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
}

static void close_python(void)
{
    python_stop();
    tree_close();
}

/* Writes the module mine, and loads the app that is named, such as "mine:app". */
static enum err load(const char *code, const char *app)
{
    tree_write("mine.py", code);
    config.app = app;
    return app_load(&config);
}

/* Expects that the app is refused. The error contains sentence. The log contains logged, or is empty if logged is "".
 */
static void expect_refused(const char *code, const char *app, const char *sentence, const char *logged)
{
    captured_log_begin();
    enum err err = load(code, app);
    const char *log = captured_log_end();
    ck_assert_int_eq(err, ERR_APP);
    ck_assert_msg(strstr(err_message(), sentence) != NULL, "%s", err_message());
    ck_assert_msg(*logged ? strstr(log, logged) != NULL : !*log, "%s", log);
}

static void expect_loaded(const char *code, const char *app, enum python_variant variant)
{
    ck_assert_msg(load(code, app) == ERR_OK, "%s", err_message());
    ck_assert_int_eq(app_workload.python, variant);
}

START_TEST(what_it_is_is_found_out)
{
    open_python();
    expect_loaded("def app(environ, start_response):\n    pass\n", "mine:app", PYTHON_WSGI);
    close_python();
}
END_TEST

START_TEST(a_coroutine_function_is_asgi)
{
    open_python();
    expect_loaded("class holder:\n    async def app(scope, receive, send):\n        pass\n", "mine:holder.app",
                  PYTHON_ASGI);
    close_python();
}
END_TEST

START_TEST(it_may_be_said_what_it_is)
{
    open_python();
    config.interface = 2;
    expect_loaded("def app(scope, receive, send):\n    pass\n", "mine:app", PYTHON_ASGI);
    close_python();
}
END_TEST

START_TEST(a_factory_is_called)
{
    open_python();
    config.factory = true;
    expect_loaded("async def app(scope, receive, send):\n    pass\ndef make():\n    return app\n", "mine:make",
                  PYTHON_ASGI);
    close_python();
}
END_TEST

START_TEST(the_interpreter_keeps_it)
{
    open_python();
    expect_loaded("calls = 0\n"
                  "def app(environ, start_response):\n    pass\n",
                  "mine:app", PYTHON_WSGI);
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    PyObject *first = app_import(thread->interpreter), *second = app_import(thread->interpreter);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_eq(first, second);
    ck_assert_int_eq(PyModule_AddObject(PyImport_AddModule("__main__"), "app", first), 0);
    Py_DECREF(second);
    tree_python(
        "import sys, mine\nassert app is mine.app\ndel app\n"
        "assert sys.getrefcount(mine.app) == 3\n"); /* references: the module, the interpreter, and the argument */
    python_leave(thread);
    python_thread_end(thread);
    close_python();
}
END_TEST

START_TEST(what_is_not_there_is_named)
{
    open_python();
    expect_refused("", "mine:app", "APP: mine:app cannot be loaded: module mine has no app", "");
    close_python();
}
END_TEST

START_TEST(a_module_that_is_not_there_is_named_with_the_directory)
{
    open_python();
    expect_refused("", "other:app", "there is no module other in /", "");
    expect_refused("", "other.inner:app", "there is no module other.inner in /", "");
    close_python();
}
END_TEST

START_TEST(what_cannot_be_called_is_told_so)
{
    open_python();
    expect_refused("app = 7\n", "mine:app", "mine:app is of type int, which cannot be called", "");
    close_python();
}
END_TEST

START_TEST(what_the_app_itself_raises_is_in_the_log_too)
{
    open_python();
    expect_refused("import not_there\n", "mine:app",
                   "cannot be loaded: ModuleNotFoundError: No module named 'not_there'", "mine.py\", line 1");
    close_python();
}
END_TEST

/* sys.exit() in a module must not end the server silently. */
START_TEST(whatever_it_raises)
{
    open_python();
    expect_refused("import sys\nsys.exit('not today')\n", "mine:app", "cannot be loaded: SystemExit: not today",
                   "mine.py\", line 2");
    close_python();
}
END_TEST

SUITE("app", what_it_is_is_found_out, a_coroutine_function_is_asgi, it_may_be_said_what_it_is, a_factory_is_called,
      the_interpreter_keeps_it, what_is_not_there_is_named, a_module_that_is_not_there_is_named_with_the_directory,
      what_cannot_be_called_is_told_so, what_the_app_itself_raises_is_in_the_log_too, whatever_it_raises)
