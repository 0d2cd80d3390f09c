/* src/python/interp/runtime.c: the virtual environment that python_start takes. */
#include <dlfcn.h>
#include <string.h>
#include <sys/stat.h>

#include "captured_log.h"
#include "python/interp/runtime.h"
#include "python/members.h"
#include "python/tree.h"
#include "suite.h"

#define VERSION_(major, minor)  #major "." #minor
#define VERSION__(major, minor) VERSION_(major, minor)
#define VERSION                 VERSION__(PY_MAJOR_VERSION, PY_MINOR_VERSION)

/* The path of the virtual environment: in the tree's directory for Python code, beside tandem's own packages. */
static char venv[600];

static void write_venv(const char *version)
{
    Dl_info python;
    char name[128], config[4200];
    ck_assert(dladdr((void *)Py_InitializeFromConfig, &python));
    char *library_directory = strdup(python.dli_fname);
    *strrchr(library_directory, '/') = '\0';
    snprintf(config, sizeof config, "home = %s/../bin\ninclude-system-site-packages = false\n", library_directory);
    free(library_directory);
    tree_write("venv/pyvenv.cfg", config);
    snprintf(name, sizeof name, "venv/lib/python%s/site-packages/only_here.py", version);
    tree_write(name, "answer = 42\n");
}

static void open_tree(void)
{
    tree_open();
    tree_write_packages();
    snprintf(venv, sizeof venv, "%s/venv", tree_source);
}

static void expect_refused(const char *format)
{
    char sentence[1200];
    snprintf(sentence, sizeof sentence, format, venv, python_command());
    ck_assert_int_eq(python_start(venv, NULL), ERR_INVALID);
    ck_assert_str_eq(err_message(), sentence);
    ck_assert(!Py_IsInitialized());
    tree_close();
}

START_TEST(a_directory_without_pyvenv_cfg_is_none)
{
    open_tree();
    tree_write("venv/lib/python" VERSION "/site-packages/only_here.py", "answer = 42\n");
    expect_refused("--venv: '%s' is no virtual environment: it has no pyvenv.cfg");
}
END_TEST

START_TEST(nor_is_one_that_is_not_there)
{
    open_tree();
    expect_refused("--venv: '%s' is no virtual environment: it has no pyvenv.cfg");
}
END_TEST

START_TEST(one_of_another_python_is_refused_by_its_version)
{
    open_tree();
    write_venv("3.9");
    expect_refused("--venv: '%s' is not for Python " VERSION ": it has no lib/python" VERSION
                   "/site-packages; %s -m venv DIR makes one that is");
}
END_TEST

static void import_it(unsigned member, struct python_thread *thread)
{
    (void)member;
    (void)thread;
    tree_python("import only_here, sys\n"
                "assert only_here.answer == 42\n"
                "assert sys.prefix != sys.base_prefix and sys.prefix.endswith('/venv'), sys.prefix\n"
                "import json\n"
                "assert not json.__file__.startswith(sys.prefix)\n"
                "assert 'tandem.workloads' in sys.modules\n");
}

START_TEST(its_packages_can_be_imported_in_every_interpreter)
{
    open_tree();
    write_venv(VERSION);
    ck_assert_msg(python_start(venv, NULL) == ERR_OK, "%s", err_message());
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    import_it(0, thread);
    python_leave(thread);
    python_thread_end(thread);
    members_run(2, import_it);
    members_close();
}
END_TEST

START_TEST(without_it_they_cannot)
{
    open_tree();
    write_venv(VERSION);
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    tree_python("import sys\n"
                "try:\n    import only_here\n"
                "except ImportError:\n    pass\n"
                "else:\n    raise AssertionError\n"
                "assert sys.prefix == sys.base_prefix\n");
    python_leave(thread);
    python_thread_end(thread);
    members_close();
}
END_TEST

/* Python then uses the standard library that it was built with. */
START_TEST(the_python_that_made_it_may_be_gone)
{
    open_tree();
    write_venv(VERSION);
    tree_write("venv/pyvenv.cfg", "home = /no/such/place/bin\n");
    ck_assert_msg(python_start(venv, NULL) == ERR_OK, "%s", err_message());
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    import_it(0, thread);
    python_leave(thread);
    python_thread_end(thread);
    members_close();
}
END_TEST

/* The environment's home only looks as if it had a standard library. */
START_TEST(where_python_cannot_start_with_it_the_option_is_named)
{
    char config[700], sentence[1200];
    open_tree();
    write_venv(VERSION);
    snprintf(config, sizeof config, "home = %s/other/bin\n", tree_source);
    tree_write("venv/pyvenv.cfg", config);
    tree_write("other/bin/python", "");
    tree_write("other/lib/python" VERSION "/os.py", "");
    tree_write("other/lib/python" VERSION "/lib-dynload/none", "");
    captured_log_begin(); /* Python logs the places where it has looked */
    ck_assert_int_eq(python_start(venv, NULL), ERR_INVALID);
    captured_log_end();
    snprintf(sentence, sizeof sentence, "--venv: Python cannot start with '%s': ", venv);
    ck_assert_msg(strstr(err_message(), sentence) == err_message(), "%s", err_message());
    ck_assert(!Py_IsInitialized());
    tree_close();
}
END_TEST

SUITE("runtime_venv", a_directory_without_pyvenv_cfg_is_none, nor_is_one_that_is_not_there,
      one_of_another_python_is_refused_by_its_version, its_packages_can_be_imported_in_every_interpreter,
      without_it_they_cannot, the_python_that_made_it_may_be_gone,
      where_python_cannot_start_with_it_the_option_is_named)
