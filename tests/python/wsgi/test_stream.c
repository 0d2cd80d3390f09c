#include "python/wsgi/stream.h"

#include <string.h>

#include "captured_log.h"
#include "python/app_calls.h"
#include "python/tree.h"
#include "python/wsgi/pieces.h"
#include "python/wsgi/start_response.h"
#include "suite.h"

static const struct model_ops on_loop_ops = {.name = "on-loop", .on_loop = true};
static PyObject *type;
static struct stream *stream;

/* Opens the stream of an app. The arguments are Python expressions: result is the app's result, headers is passed to
 * start_response, and before is written first. */
static void open_stream(const char *result, const char *headers, const char *before)
{
    variants_model.ops = &on_loop_ops;
    implementations_open();
    type = wsgi_response_type();
    struct request *request = app_request("GET", "/", "");
    struct wsgi_response *spare = NULL, *response = wsgi_response_open(&spare, type, wsgi_start_response,
                                                                       implementations_thread, request, 0);
    app_show("start", Py_NewRef((PyObject *)response));
    tree_python("import sys\n"
                "asked = closed = 0\n"
                "class Result:\n"
                "    def __init__(self, *pieces):\n"
                "        self.pieces = iter(pieces)\n"
                "    def __iter__(self):\n"
                "        return self\n"
                "    def __next__(self):\n"
                "        global asked\n"
                "        asked += 1\n"
                "        piece = next(self.pieces)\n"
                "        if isinstance(piece, Exception):\n"
                "            raise piece\n"
                "        return piece\n"
                "    def close(self):\n"
                "        global closed\n"
                "        closed += 1\n");
    app_show("headers", app_value(headers));
    app_show("before", app_value(before));
    tree_python("start('200 OK', headers)(before)\n");
    app_show("result", app_value(result));
    PyObject *iterator = PyObject_GetIter(app_global("result"));
    PyObject *first = wsgi_next_piece(iterator);
    stream = wsgi_stream_new(response, app_global("result"), iterator, first);
    ck_assert_ptr_nonnull(stream);
    Py_DECREF(first);
    Py_DECREF(iterator);
    tree_python("held = sys.getrefcount(result)\n");
    wsgi_response_close(response, &spare); /* the call has ended, but the stream goes on */
    python_leave(implementations_thread);
}

static void close_stream(void)
{
    stream->ops->close(stream);
    python_enter(implementations_thread);
    tree_python("assert closed == 1, closed\nassert sys.getrefcount(result) < held\nstart = None\n");
    Py_CLEAR(type);
    implementations_close();
}

/* Reads the next bytes, at most room at a time. */
static void expect_next(size_t room, const char *bytes)
{
    char out[64];
    ssize_t got = stream->ops->next(stream, out, room);
    ck_assert_int_eq(got, (ssize_t)strlen(bytes));
    ck_assert_mem_eq(out, bytes, strlen(bytes));
}

static void expect_last(ssize_t expected)
{
    char out[64];
    ck_assert_int_eq(stream->ops->next(stream, out, sizeof out), expected);
}

static void expect_asked(unsigned times)
{
    python_enter(implementations_thread);
    app_show("times", PyLong_FromLong(times));
    tree_python("assert asked == times, asked\n");
    python_leave(implementations_thread);
}

START_TEST(a_piece_is_asked_for_when_those_before_are_out)
{
    open_stream("Result(b'first', b'', b'second')", "[]", "b''");
    expect_asked(1);
    expect_next(2, "fi");
    expect_next(2, "rs");
    expect_next(2, "t");
    expect_asked(1);
    expect_next(64, "second");
    expect_asked(3);
    expect_last(STREAM_END);
    expect_last(STREAM_END);
    close_stream();
}
END_TEST

START_TEST(what_was_written_goes_first)
{
    open_stream("Result(b'first')", "[('Content-Length', '12')]", "b'written'");
    expect_next(5, "writt");
    expect_next(64, "en");
    expect_next(64, "first");
    expect_last(STREAM_END);
    close_stream();
}
END_TEST

START_TEST(what_the_app_raises_breaks_it)
{
    open_stream("Result(b'first', ValueError('second'))", "[]", "b''");
    expect_next(64, "first");
    captured_log_begin();
    expect_last(STREAM_BROKEN);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "app: Traceback") && strstr(log, "ValueError: second"), "%s", log);
    close_stream();
}
END_TEST

START_TEST(so_does_what_is_not_bytes)
{
    open_stream("Result(b'first', 'second')", "[]", "b''");
    expect_next(64, "first");
    captured_log_begin();
    expect_last(STREAM_BROKEN);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "TypeError: a WSGI app's pieces are bytes, not str") != NULL, "%s", log);
    close_stream();
}
END_TEST

START_TEST(what_is_shorter_than_its_length_is_broken_and_logged)
{
    open_stream("Result(b'first')", "[('Content-Length', '6')]", "b''");
    expect_next(64, "first");
    captured_log_begin();
    expect_last(STREAM_BROKEN);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "app: ValueError: the app's body has 5 bytes, its Content-Length is 6"), "%s", log);
    close_stream();
}
END_TEST

/* Bytes beyond the length are not sent: the client would take them for its next answer. */
START_TEST(what_is_longer_than_its_length_is_broken_and_logged)
{
    open_stream("Result(b'first', b'second')", "[('Content-Length', '7')]", "b''");
    expect_next(64, "first");
    captured_log_begin();
    expect_last(STREAM_BROKEN);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "app: ValueError: the app's body is longer than its Content-Length of 7"), "%s", log);
    close_stream();
}
END_TEST

START_TEST(a_client_that_leaves_closes_it)
{
    open_stream("Result(b'first', b'second')", "[]", "b'written'");
    expect_next(3, "wri");
    close_stream();
}
END_TEST

/* In a batch of the model, the loop already holds the GIL. */
START_TEST(the_gil_is_taken_where_the_loop_has_not_got_it)
{
    open_stream("Result(b'first', b'second')", "[]", "b''");
    python_enter(implementations_thread);
    expect_next(64, "first");
    expect_next(64, "second");
    ck_assert(PyGILState_Check());
    python_leave(implementations_thread);
    expect_last(STREAM_END);
    close_stream();
}
END_TEST

SUITE("stream", a_piece_is_asked_for_when_those_before_are_out, what_was_written_goes_first,
      what_the_app_raises_breaks_it, so_does_what_is_not_bytes, what_is_shorter_than_its_length_is_broken_and_logged,
      what_is_longer_than_its_length_is_broken_and_logged, a_client_that_leaves_closes_it,
      the_gil_is_taken_where_the_loop_has_not_got_it)
