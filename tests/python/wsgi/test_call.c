#include "python/wsgi/call.h"

#include <string.h>

#include "captured_log.h"
#include "core/stream.h"
#include "python/tree.h"
#include "python/wsgi_calls.h"
#include "suite.h"

START_TEST(a_list_or_a_tuple_is_whole)
{
    wsgi_calls_open();
    wsgi_calls_expect_whole("[]", "[b'a', b'', b'bc']", "abc");
    wsgi_calls_expect_whole("[('Content-Length', '3')]", "(b'a', b'bc')", "abc");
    wsgi_calls_expect_whole("[]", "[]", "");
    wsgi_calls_expect_whole("[]", "()", "");
    wsgi_calls_close();
}
END_TEST

START_TEST(so_is_a_first_piece_as_long_as_the_length)
{
    wsgi_calls_open();
    wsgi_calls_expect_whole("[('Content-Length', '3')]", "Result(b'', b'abc', b'')", "abc");
    wsgi_calls_expect_whole("[('Content-Length', '3')]", "List(b'abc')", "abc");
    wsgi_calls_expect_closed(2);
    wsgi_calls_close();
}
END_TEST

START_TEST(so_is_what_has_no_pieces)
{
    wsgi_calls_open();
    wsgi_calls_expect_whole("[]", "Result()", "");
    wsgi_calls_expect_whole("[]", "Result(b'', b'')", "");
    wsgi_calls_expect_whole("[]", "{}", "");
    wsgi_calls_expect_closed(2);
    wsgi_calls_close();
}
END_TEST

START_TEST(anything_else_is_a_stream)
{
    wsgi_calls_open();
    wsgi_calls_expect_stream("[]", "Result(b'a', b'', b'bc')", "abc", STREAM_END);
    wsgi_calls_expect_stream("[('Content-Length', '3')]", "Result(b'a', b'bc')", "abc", STREAM_END);
    wsgi_calls_expect_stream("[]", "{b'a': 1}", "a", STREAM_END);
    ck_assert_ptr_nonnull(request->reply.stream);
    wsgi_calls_expect_closed(2);
    wsgi_calls_close();
}
END_TEST

START_TEST(what_is_written_goes_before_what_is_returned)
{
    wsgi_calls_open();
    wsgi_calls_expect_stream("[]", "lambda environ: write(b'a') or [b'b', b'c']", "abc", STREAM_END);
    wsgi_calls_expect_stream("[]", "lambda environ: write(b'a') or Result(b'b', b'c')", "abc", STREAM_END);
    wsgi_calls_expect_stream("[]", "lambda environ: write(b'a') or Result()", "a", STREAM_END);
    wsgi_calls_expect_stream("[]", "lambda environ: write(b'a') or []", "a", STREAM_END);
    wsgi_calls_expect_stream("[]", "lambda environ: write(b'a') or ['text']", "a", STREAM_BROKEN);
    wsgi_calls_expect_closed(2);
    tree_python("try:\n"
                "    write(b'late')\n"
                "except RuntimeError as error:\n"
                "    assert 'write: the request is over' in str(error)\n"
                "else:\n"
                "    raise AssertionError\n");
    wsgi_calls_close();
}
END_TEST

START_TEST(where_no_body_goes_out_no_more_is_asked_for_than_has_to_be)
{
    wsgi_calls_open();
    ck_assert(wsgi_calls_call("HEAD", "[]", "[b'abc']"));
    app_expect_reply(request, 200, "", "");
    ck_assert_uint_eq(request->reply.length, 3);
    ck_assert(wsgi_calls_call("HEAD", "[]", "Result(b'a', KeyError('never asked for'))"));
    app_expect_reply(request, 200, "", "");
    ck_assert_str_eq(wsgi_calls_log, "");
    wsgi_calls_expect_closed(1);
    wsgi_calls_close();
}
END_TEST

START_TEST(the_app_gets_the_request)
{
    wsgi_calls_open();
    wsgi_calls_expect_whole("[]", "lambda environ: [environ['REQUEST_METHOD'].encode(), environ['wsgi.input'].read()]",
                            "GETbody");
    wsgi_calls_expect_whole("[]", "lambda environ: [repr(environ['wsgi.multithread']).encode()]", "False");
    wsgi_calls_close();
}
END_TEST

START_TEST(a_file_is_sent_by_its_descriptor)
{
    wsgi_calls_open();
    tree_python("file = tempfile.TemporaryFile(buffering=0)\nfile.write(b'0123456789')\nfile.seek(4)\n");
    ck_assert(wsgi_calls_call("GET", "[]", "lambda environ: wrap(file)"));
    ck_assert_int_ge(request->reply.file, 0);
    ck_assert_uint_eq(request->reply.file_at, 4);
    ck_assert_uint_eq(request->reply.length, 6);
    tree_python("assert file.closed\n");
    wsgi_calls_close();
}
END_TEST

START_TEST(what_the_kernel_cannot_send_is_sent_in_blocks)
{
    wsgi_calls_open();
    wsgi_calls_expect_stream("[]", "lambda environ: wrap(io.BytesIO(b'0123456789'), 4)", "0123456789", STREAM_END);
    tree_python("file = tempfile.TemporaryFile()\nfile.write(b'bc')\nfile.seek(0)\n");
    wsgi_calls_expect_stream("[]", "lambda environ: write(b'a') or wrap(file, 1)", "abc", STREAM_END);
    ck_assert(wsgi_calls_call("HEAD", "[]", "lambda environ: wrap(io.BytesIO(b'0123'))"));
    app_expect_reply(request, 200, "", "");
    wsgi_calls_expect_failure("None", "lambda environ: wrap(io.BytesIO(b'0123'))",
                              "the app did not call start_response");
    tree_python("closed_file = tempfile.TemporaryFile()\nclosed_file.close()\n");
    wsgi_calls_expect_failure("[]", "lambda environ: wrap(closed_file)", "ValueError: I/O operation on closed file");
    wsgi_calls_close();
}
END_TEST

START_TEST(on_the_loop_a_stream_is_pulled)
{
    ssize_t last;
    wsgi_calls_open();
    wsgi_calls_on_loop();
    ck_assert(wsgi_calls_call("GET", "[]", "lambda environ: write(b'a') or Result(b'b', b'', b'c')"));
    wsgi_calls_expect_closed(0);
    ck_assert_str_eq(app_read_stream(request, &last), "abc");
    ck_assert_int_eq(last, STREAM_END);
    wsgi_calls_expect_closed(0);
    reply_free(&request->reply);
    wsgi_calls_expect_closed(1);
    wsgi_calls_close();
}
END_TEST

/* Each result is used so often that one leaked object per call would stand out from Python's own caches. */
START_TEST(calls_leave_no_objects_behind)
{
    static const char *const results[] = {"[b'a']",
                                          "lambda environ: Result(b'a', b'b')",
                                          "None",
                                          "lambda environ: Result(b'a', KeyError())",
                                          "lambda environ: 1 / 0",
                                          "lambda environ: Result('x')",
                                          "lambda environ: write(b'a') or [b'b']"};
    ssize_t last;
    wsgi_calls_open();
    wsgi_calls_on_loop();
    for (unsigned i = 0; i < sizeof results / sizeof results[0]; i++) {
        (void)wsgi_calls_call("GET", "[('X-A', '1')]", results[i]);
        captured_log_begin();
        for (unsigned round = 0; round < 2000; round++) {
            if (round == 1000)
                tree_python("import gc\ngc.collect()\nblocks = sys.getallocatedblocks()\n");
            reply_free(&request->reply);
            ck_assert(wsgi_call(implementations_thread, request, 0));
            if (request->reply.stream)
                (void)app_read_stream(request, &last);
        }
        captured_log_end();
        reply_free(&request->reply);
        tree_python("gc.collect()\nmore = sys.getallocatedblocks() - blocks\nassert more < 500, more\n");
    }
    wsgi_calls_close();
}
END_TEST

/* An app that keeps what the global headers names. */
static void open_keeping_app(void)
{
    wsgi_calls_open();
    tree_python("kept, seen = {}, []\n"
                "def app(environ, start):\n"
                "    given = {'start': start, 'write': start('200 OK', []), 'input': environ['wsgi.input']}\n"
                "    seen.append({name: id(object) for name, object in given.items()})\n"
                "    if headers:\n"
                "        kept[headers] = given[headers]\n"
                "        return [b'kept']\n"
                "    return [environ['wsgi.input'].read()]\n");
    Py_SETREF(implementations_thread->interpreter->app, Py_NewRef(app_global("app")));
}

static void call_keeping_app(const char *what, const char *body)
{
    ck_assert(wsgi_calls_call("GET", what, "None"));
    app_expect_reply(request, 200, body, "");
}

START_TEST(what_the_app_does_not_keep_serves_the_next_call)
{
    open_keeping_app();
    for (unsigned i = 0; i < 3; i++)
        call_keeping_app("None", "body");
    tree_python("assert seen[0] == seen[1] == seen[2], seen\n");
    wsgi_calls_close();
}
END_TEST

START_TEST(what_the_app_keeps_stays_its_own)
{
    static const char *const names[] = {"'start'", "'write'", "'input'"};
    open_keeping_app();
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        call_keeping_app(names[i], "kept");
        call_keeping_app("None", "body");
        call_keeping_app("None", "body");
    }
    tree_python(
        "assert kept['input'].read() == b'body'\n"
        "assert all(seen[at][name] != seen[at + 1][name] for at, name in ((0, 'start'), (3, 'write'), (6, 'input')))\n"
        "for late in (lambda: kept['start']('200 OK', []), lambda: kept['write'](b'x')):\n"
        "    try:\n"
        "        late()\n"
        "    except RuntimeError as error:\n"
        "        assert 'the request is over' in str(error)\n"
        "    else:\n"
        "        raise AssertionError\n"
        "kept.clear()\n");
    wsgi_calls_close();
}
END_TEST

SUITE("call", a_list_or_a_tuple_is_whole, so_is_a_first_piece_as_long_as_the_length, so_is_what_has_no_pieces,
      anything_else_is_a_stream, what_is_written_goes_before_what_is_returned,
      where_no_body_goes_out_no_more_is_asked_for_than_has_to_be, the_app_gets_the_request,
      a_file_is_sent_by_its_descriptor, what_the_kernel_cannot_send_is_sent_in_blocks, on_the_loop_a_stream_is_pulled,
      calls_leave_no_objects_behind, what_the_app_does_not_keep_serves_the_next_call, what_the_app_keeps_stays_its_own)
