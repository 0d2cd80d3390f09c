#include "python/interp/error.h"

#include <stdlib.h>
#include <string.h>

#include "python/interp/runtime.h"
#include "python/interp/thread.h"
#include "python/tree.h"
#include "suite.h"

static struct python_thread *thread;

static void open_python(void)
{
    tree_open();
    tree_write_packages();
    ck_assert_int_eq(python_start(NULL, NULL), ERR_OK);
    thread = python_thread_new();
    python_enter(thread);
}

static void close_python(void)
{
    python_leave(thread);
    python_stop();
    tree_close();
}

/* Runs code that raises, and leaves the exception set. */
static void raise_by(const char *code)
{
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *compiled = Py_CompileString(code, "raising.py", Py_file_input);
    PyObject *result = compiled ? PyEval_EvalCode(compiled, globals, globals) : NULL;
    Py_XDECREF(compiled);
    ck_assert_ptr_null(result);
    ck_assert_ptr_nonnull(PyErr_Occurred());
}

/* Returns the text that Python writes to a UTF-8 stderr for the exception that is set. The exception stays set. The
 * caller owns the text. */
static char *as_python_prints_it(void)
{
    PyObject *exception = PyErr_GetRaisedException();
    tree_python("import io, sys\n"
                "printed = io.BytesIO()\n"
                "sys.stderr = io.TextIOWrapper(printed, 'utf-8', 'backslashreplace')\n");
    PyErr_DisplayException(exception);
    tree_python("sys.stderr.flush()\n"
                "text = printed.getvalue()\n"
                "sys.stderr = sys.__stderr__\n");
    char *text =
        strdup(PyBytes_AsString(PyDict_GetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "text")));
    PyErr_SetRaisedException(exception);
    return text;
}

static void expect_traceback(const char *code)
{
    raise_by(code);
    char *expected = as_python_prints_it();
    size_t length = strlen(expected);
    ck_assert_int_eq(expected[length - 1], '\n');
    expected[length - 1] = '\0';
    char *traceback = error_take_traceback();
    ck_assert_ptr_null(PyErr_Occurred());
    ck_assert_str_eq(traceback, expected);
    free(traceback);
    free(expected);
}

START_TEST(a_traceback_is_as_python_prints_it)
{
    open_python();
    expect_traceback("raise ValueError('wrong')\n");
    expect_traceback("def inner():\n    return 1 / 0\n\ndef outer():\n    inner()\n\nouter()\n");
    expect_traceback("try:\n    {}['k']\nexcept KeyError as e:\n    raise RuntimeError('two\\nlines') from e\n");
    expect_traceback("raise KeyboardInterrupt\n");
    expect_traceback("class Odd(Exception):\n    def __str__(self): raise TypeError\nraise Odd\n");
    expect_traceback("e = ValueError('w\xc3\xb6rong')\ne.add_note('a note')\nraise e\n");
    expect_traceback("def (:\n");
    close_python();
}
END_TEST

/* For example, a file name that is not UTF-8, as os.fsdecode returns it. */
START_TEST(a_traceback_is_whole_where_its_text_is_no_utf8)
{
    open_python();
    expect_traceback("raise ValueError('name \\udcff')\n");
    close_python();
}
END_TEST

START_TEST(a_traceback_begins_where_the_code_does_and_ends_with_the_error)
{
    open_python();
    raise_by("\n\nraise ValueError('wrong')\n");
    char *traceback = error_take_traceback();
    ck_assert_str_eq(
        traceback, "Traceback (most recent call last):\n  File \"raising.py\", line 3, in <module>\nValueError: wrong");
    free(traceback);
    close_python();
}
END_TEST

/* Without the module nothing can format the traceback. The text is then the exception's type, and no second exception
 * is set. */
START_TEST(without_the_module_traceback_there_is_still_a_name)
{
    open_python();
    raise_by("import sys\nsys.modules['traceback'] = None\nraise LookupError('wrong')\n");
    char *traceback = error_take_traceback();
    ck_assert_ptr_null(PyErr_Occurred());
    ck_assert_str_eq(traceback, "LookupError");
    free(traceback);
    close_python();
}
END_TEST

static void expect_summary(const char *code, const char *expected)
{
    raise_by(code);
    char *summary = error_take_summary();
    ck_assert_ptr_null(PyErr_Occurred());
    ck_assert_str_eq(summary, expected);
    free(summary);
}

START_TEST(a_summary_is_the_type_and_the_text)
{
    open_python();
    expect_summary("raise ValueError('wrong')\n", "ValueError: wrong");
    expect_summary("raise ValueError\n", "ValueError: ");
    expect_summary("raise ImportError('no m\xc3\xb6"
                   "dule')\n",
                   "ImportError: no m\xc3\xb6"
                   "dule");
    expect_summary("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'");
    close_python();
}
END_TEST

START_TEST(a_summary_of_what_has_no_text_is_the_type)
{
    open_python();
    expect_summary("class Odd(Exception):\n    def __str__(self): raise TypeError\nraise Odd\n", "Odd");
    close_python();
}
END_TEST

START_TEST(the_exception_and_what_formats_it_are_let_go)
{
    open_python();
    tree_python("import gc, sys, traceback, weakref\n"
                "class Own(Exception): pass\n"
                "before = sys.getrefcount(traceback.format_exception)\n");
    for (unsigned i = 0; i < 2; i++) {
        raise_by("e = Own()\nreference = weakref.ref(e)\ntry:\n    raise e\nfinally:\n    del e\n");
        free(i ? error_take_summary() : error_take_traceback());
        tree_python("gc.collect()\nassert reference() is None\n");
    }
    tree_python("assert sys.getrefcount(traceback.format_exception) == before\n");
    expect_traceback("raise ValueError('again')\n");
    close_python();
}
END_TEST

SUITE("error", a_traceback_is_as_python_prints_it, a_traceback_is_whole_where_its_text_is_no_utf8,
      a_traceback_begins_where_the_code_does_and_ends_with_the_error,
      without_the_module_traceback_there_is_still_a_name, a_summary_is_the_type_and_the_text,
      a_summary_of_what_has_no_text_is_the_type, the_exception_and_what_formats_it_are_let_go)
