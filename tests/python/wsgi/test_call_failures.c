/* WSGI apps that make mistakes. */
#include "python/wsgi/call.h"

#include <string.h>

#include "core/stream.h"
#include "python/wsgi_calls.h"
#include "suite.h"

START_TEST(what_is_no_iterable_of_bytes_is_a_500)
{
    wsgi_calls_open();
    wsgi_calls_expect_failure("[]", "None", "TypeError: 'NoneType' object is not iterable");
    wsgi_calls_expect_failure("[]", "7", "TypeError: 'int' object is not iterable");
    wsgi_calls_expect_failure("[]", "'text'", "TypeError: a WSGI app's pieces are bytes, not str");
    wsgi_calls_expect_failure("[]", "b'bytes'", "TypeError: a WSGI app's pieces are bytes, not int");
    wsgi_calls_expect_failure("[]", "[b'a', 'text']", "TypeError: a WSGI app's pieces are bytes, not str");
    wsgi_calls_expect_failure("[]", "Result(None)", "TypeError: a WSGI app's pieces are bytes, not NoneType");
    wsgi_calls_expect_closed(1);
    wsgi_calls_close();
}
END_TEST

START_TEST(what_is_raised_before_anything_is_out_is_a_500)
{
    wsgi_calls_open();
    wsgi_calls_expect_failure("[]", "lambda environ: 1 / 0", "ZeroDivisionError");
    wsgi_calls_expect_failure("[]", "lambda environ: sys.exit('no more')", "SystemExit: no more");
    wsgi_calls_expect_failure("[]", "Result(KeyError('first'))", "KeyError: 'first'");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "Result(b'abc', KeyError('second'))", "KeyError: 'second'");
    wsgi_calls_expect_closed(2);
    wsgi_calls_close();
}
END_TEST

START_TEST(an_answer_without_a_status_is_a_500)
{
    static const char reason[] = "RuntimeError: the app did not call start_response";
    wsgi_calls_open();
    wsgi_calls_expect_failure("None", "[b'a']", reason);
    wsgi_calls_expect_failure("None", "[]", reason);
    wsgi_calls_expect_failure("None", "Result(b'a')", reason);
    wsgi_calls_expect_failure("None", "Result()", reason);
    wsgi_calls_expect_closed(2);
    wsgi_calls_close();
}
END_TEST

START_TEST(a_body_that_is_not_as_long_as_its_length_is_a_500)
{
    wsgi_calls_open();
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "[b'ab']", "has 2 bytes, its Content-Length is 3");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "[b'abcd']", "has 4 bytes, its Content-Length is 3");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "Result()", "has 0 bytes, its Content-Length is 3");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "Result(b'abc', b'd')",
                              "longer than its Content-Length of 3");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "Result(b'abcd')", "longer than its Content-Length of 3");
    wsgi_calls_close();
}
END_TEST

START_TEST(in_the_middle_of_a_stream_it_is_broken_off)
{
    wsgi_calls_open();
    wsgi_calls_expect_stream("[]", "Result(b'a', KeyError('second'))", "a", STREAM_BROKEN);
    ck_assert_msg(strstr(wsgi_calls_log, "app: Traceback") && strstr(wsgi_calls_log, "KeyError: 'second'"), "%s",
                  wsgi_calls_log);
    wsgi_calls_expect_stream("[]", "Result(b'a', 'text')", "a", STREAM_BROKEN);
    wsgi_calls_expect_stream("[('Content-Length', '3')]", "Result(b'a', b'b')", "ab", STREAM_BROKEN);
    ck_assert_msg(strstr(wsgi_calls_log, "has 2 bytes, its Content-Length is 3") != NULL, "%s", wsgi_calls_log);
    wsgi_calls_expect_stream("[('Content-Length', '3')]", "Result(b'a', b'bcd')", "a", STREAM_BROKEN);
    wsgi_calls_expect_closed(4);
    wsgi_calls_close();
}
END_TEST

/* PEP 3333 forbids this. The app is told of its mistake, and the server must not end. */
START_TEST(an_iterable_that_writes_is_broken_off)
{
    wsgi_calls_open();
    wsgi_calls_expect_stream("[('Content-Length', '3')]", "Result(b'abc', lambda: write(b'x') or b'')", "x",
                             STREAM_BROKEN);
    ck_assert_msg(strstr(wsgi_calls_log, "RuntimeError: the app's iterable called write()") != NULL, "%s",
                  wsgi_calls_log);
    wsgi_calls_expect_stream("[]", "Result(lambda: write(b'a') or b'b', lambda: write(b'c') or b'd')", "abcd",
                             STREAM_END);
    wsgi_calls_expect_closed(2);
    wsgi_calls_close();
}
END_TEST

START_TEST(on_the_loop_failures_are_the_same)
{
    wsgi_calls_open();
    wsgi_calls_on_loop();
    wsgi_calls_expect_failure("None", "Result(b'a')", "RuntimeError: the app did not call start_response");
    wsgi_calls_expect_failure("[]", "Result(KeyError('first'))", "KeyError: 'first'");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "Result(b'abcd')", "longer than its Content-Length of 3");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "lambda environ: write(b'abcd') or []", "has 4 bytes");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "lambda environ: write(b'a') or Result(b'bcd')",
                              "longer than its");
    wsgi_calls_expect_failure("[('Content-Length', '3')]", "Result(b'abc', lambda: write(b'x') or b'')", "has 4 bytes");
    wsgi_calls_expect_closed(5);
    wsgi_calls_close();
}
END_TEST

SUITE("call_failures", what_is_no_iterable_of_bytes_is_a_500, what_is_raised_before_anything_is_out_is_a_500,
      an_answer_without_a_status_is_a_500, a_body_that_is_not_as_long_as_its_length_is_a_500,
      in_the_middle_of_a_stream_it_is_broken_off, an_iterable_that_writes_is_broken_off,
      on_the_loop_failures_are_the_same)
