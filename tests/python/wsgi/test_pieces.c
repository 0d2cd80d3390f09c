#include "python/wsgi/pieces.h"

#include <string.h>

#include "captured_log.h"
#include "python/app_calls.h"
#include "python/tree.h"
#include "suite.h"

static PyObject *result, *iterator;

/* Opens the pieces of an app's result. expression: the result, as Python code. */
static void open_pieces(const char *expression)
{
    implementations_open();
    tree_python("closed = []\n"
                "class Result(list):\n"
                "    def close(self):\n"
                "        closed.append(self)\n"
                "class Bytes(bytes):\n"
                "    pass\n"
                "def raising():\n"
                "    yield b'first'\n"
                "    raise ValueError('second')\n");
    result = app_value(expression);
    iterator = PyObject_GetIter(result);
    ck_assert_ptr_nonnull(iterator);
}

static void close_pieces(void)
{
    Py_CLEAR(iterator);
    Py_CLEAR(result);
    implementations_close();
}

static void expect_piece(const char *bytes)
{
    PyObject *piece = wsgi_next_piece(iterator);
    ck_assert_ptr_nonnull(piece);
    ck_assert_str_eq(PyBytes_AsString(piece), bytes);
    Py_DECREF(piece);
}

static void expect_end(void)
{
    ck_assert_ptr_null(wsgi_next_piece(iterator));
    ck_assert_ptr_null(PyErr_Occurred());
}

START_TEST(empty_pieces_are_passed_over)
{
    open_pieces("[b'', b'a', b'', b'', b'b', b'']");
    expect_piece("a");
    expect_piece("b");
    expect_end();
    close_pieces();
}
END_TEST

START_TEST(there_may_be_none)
{
    open_pieces("iter([b'', b''])");
    expect_end();
    close_pieces();
}
END_TEST

START_TEST(a_subclass_of_bytes_is_bytes)
{
    open_pieces("[Bytes(b'a')]");
    expect_piece("a");
    close_pieces();
}
END_TEST

START_TEST(what_is_not_bytes_is_an_exception)
{
    open_pieces("['', bytearray(b'a'), memoryview(b'a'), 1, None]");
    static const char *const types[] = {"str", "bytearray", "memoryview", "int", "NoneType"};
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++) {
        char expected[96];
        snprintf(expected, sizeof expected, "TypeError: a WSGI app's pieces are bytes, not %s", types[i]);
        ck_assert_ptr_null(wsgi_next_piece(iterator));
        app_expect_raised(expected);
    }
    expect_end();
    close_pieces();
}
END_TEST

START_TEST(what_the_app_raises_goes_on)
{
    open_pieces("raising()");
    expect_piece("first");
    ck_assert_ptr_null(wsgi_next_piece(iterator));
    app_expect_raised("ValueError: second");
    close_pieces();
}
END_TEST

START_TEST(nor_is_what_is_not_bytes)
{
    open_pieces("[bytearray(b'a')]");
    ck_assert_ptr_null(wsgi_next_piece(iterator));
    app_expect_raised("not bytearray");
    ck_assert_int_eq(Py_REFCNT(PyList_GET_ITEM(result, 0)), 1);
    close_pieces();
}
END_TEST

START_TEST(pieces_are_not_held)
{
    open_pieces("[b'a piece of its own %d' % number for number in range(3)]");
    for (unsigned i = 0; i < 3; i++) {
        PyObject *piece = wsgi_next_piece(iterator);
        ck_assert_int_eq(Py_REFCNT(piece), 2); /* the references of the list and of the test */
        Py_DECREF(piece);
    }
    close_pieces();
}
END_TEST

START_TEST(a_result_is_closed_where_it_can_be)
{
    open_pieces("Result()");
    wsgi_close_result(result);
    tree_python("assert len(closed) == 1, closed\n");
    PyObject *plain[] = {PyList_New(0), PyTuple_New(0), PyDict_New(), Py_NewRef(Py_None), PyLong_FromLong(7)};
    for (unsigned i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        wsgi_close_result(plain[i]);
        ck_assert_ptr_null(PyErr_Occurred());
        Py_DECREF(plain[i]);
    }
    close_pieces();
}
END_TEST

/* The answer is out by then, so an exception in close() is only logged. */
START_TEST(what_close_raises_is_logged)
{
    open_pieces("[]");
    tree_python("class Failing:\n"
                "    def close(self):\n"
                "        raise SystemExit('while it was closed')\n"
                "class Hidden:\n"
                "    @property\n"
                "    def close(self):\n"
                "        raise OSError('while it was looked for')\n");
    static const char *const expressions[] = {"Failing()", "Hidden()"};
    captured_log_begin();
    for (unsigned i = 0; i < 2; i++) {
        PyObject *failing = app_value(expressions[i]);
        wsgi_close_result(failing);
        ck_assert_ptr_null(PyErr_Occurred());
        Py_DECREF(failing);
    }
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "app: Traceback") && strstr(log, "while it was closed"), "%s", log);
    ck_assert_msg(strstr(log, "while it was looked for") != NULL, "%s", log);
    close_pieces();
}
END_TEST

SUITE("pieces", empty_pieces_are_passed_over, there_may_be_none, a_subclass_of_bytes_is_bytes,
      what_is_not_bytes_is_an_exception, what_the_app_raises_goes_on, pieces_are_not_held, nor_is_what_is_not_bytes,
      a_result_is_closed_where_it_can_be, what_close_raises_is_logged)
