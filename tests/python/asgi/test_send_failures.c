/* Events that send() refuses. */
#include <string.h>

#include "captured_log.h"
#include "core/stream.h"
#include "python/exchanges.h"
#include "python/tree.h"
#include "suite.h"

START_TEST(what_is_no_body_is_refused_and_can_be_sent_again)
{
    exchanges_open_for("GET");
    tree_python("send(start())\n"
                "for wrong in ('text', 1, None, [b'a'], object()):\n"
                "    refused(body(wrong), TypeError, f'send: the body is bytes, not {type(wrong).__name__}')\n"
                "refused(body(memoryview(b'abcd')[::2]), BufferError, 'contiguous')\n"
                "class Neither:\n"
                "    def __bool__(self):\n"
                "        raise ArithmeticError('neither')\n"
                "refused(body(b'', Neither()), ArithmeticError, 'neither')\n"
                "send(body(b'right'))\n");
    app_expect_reply(request, 200, "right", "");
    exchanges_close_ended();
}
END_TEST

START_TEST(what_is_no_start_is_refused_and_can_be_sent_again)
{
    exchanges_open_for("GET");
    tree_python("for wrong in (199, 600, 0, -1, 101):\n"
                "    refused(start(wrong), ValueError, f'send: {wrong} is not a status from 200 to 599')\n"
                "refused(start(10 ** 30), OverflowError, '')\n"
                "refused({'type': 'http.response.start'}, KeyError, 'status')\n"
                "for wrong in ('200', 200.0, None, b'200'):\n"
                "    refused(start(wrong), TypeError, '')\n"
                "for wrong in (('x-a', b'1'), (b'x-a', '1'), (b'x-a', 1), (bytearray(b'x-a'), b'1'), b'ab'):\n"
                "    refused(start(200, (b'x-kept', b'1'), wrong), TypeError, \"send: a header's \")\n"
                "for wrong in ((b'x-a',), (b'x-a', b'1', b'2'), (), 'abc'):\n"
                "    refused(start(200, wrong), ValueError, 'send: headers are pairs of bytes')\n"
                "refused(start(200, 1), TypeError, 'send: headers are pairs of bytes')\n"
                "refused({**start(), 'headers': 1}, TypeError, 'not iterable')\n"
                "def raising():\n"
                "    yield b'x-kept', b'1'\n"
                "    raise ArithmeticError('in the middle')\n"
                "refused({**start(), 'headers': raising()}, ArithmeticError, 'in the middle')\n"
                "for wrong in ((b'x a', b'1'), (b'', b'1'), (b'x-a', b'1\\r\\nx-b: 2'), (b'x-a', b'\\0'), (b':status', "
                "b'1')):\n"
                "    refused(start(200, wrong), ValueError, 'is no header')\n"
                "refused(start(200, (b'content-length', b'-1')), ValueError, 'Content-Length is not a whole number')\n"
                "refused(start(200, (b'content-length', b'1'), (b'content-length', b'2')), ValueError, 'given twice')\n"
                "send(start(200, (b'x-a', b'1')))\n"
                "send(body(b'right'))\n");
    app_expect_reply(request, 200, "right", "x-a=1;");
    exchanges_close_ended();
}
END_TEST

START_TEST(what_is_no_event_is_refused)
{
    exchanges_open_for("GET");
    tree_python("for wrong in (None, [], 'http.response.start', (('type', 'x'),)):\n"
                "    refused(wrong, TypeError, 'send: an event is a dict')\n"
                "for wrong in ({}, {'type': b'http.response.start'}, {'type': None}):\n"
                "    refused(wrong, RuntimeError, 'send: an event has a type')\n"
                "for wrong in ('', 'http.response.trailers', 'websocket.accept', 'http.response.body\\0', '\\ud800'):\n"
                "    refused({'type': wrong}, ValueError, 'is no event of a response')\n"
                "send(start(204))\nsend(body())\n");
    exchanges_close_ended();
}
END_TEST

START_TEST(events_have_their_order)
{
    exchanges_open_for("GET");
    tree_python("refused(body(b'a'), RuntimeError, 'send: http.response.body came before the start')\n"
                "send(start())\n"
                "refused(start(), RuntimeError, 'send: http.response.start came twice, or after the body')\n"
                "send(body(b'a', True))\n"
                "refused(start(), RuntimeError, 'send: http.response.start came twice, or after the body')\n"
                "send(body(b'b'))\n"
                "refused(body(b'c'), RuntimeError, 'send: the response is complete already')\n"
                "refused(start(), RuntimeError, 'send: http.response.start came twice, or after the body')\n");
    exchanges_expect_stream("ab", STREAM_END);
    exchanges_close_ended();
}
END_TEST

/* Iterating over an app's own object runs the app's code. */
START_TEST(a_start_within_a_start_is_refused)
{
    exchanges_open_for("GET");
    tree_python("def nested():\n"
                "    send(start(201, (b'x-inner', b'1')))\n"
                "    yield b'x-outer', b'1'\n"
                "refused({**start(), 'headers': nested()}, RuntimeError, 'http.response.start came twice')\n"
                "class Last:\n"
                "    def __bool__(self):\n"
                "        send(body(b'inner'))\n"
                "        event.clear()\n"
                "        return False\n"
                "event = body(bytes(10), Last())\n"
                "send(event)\n");
    app_expect_reply(request, 201, "inner", "x-inner=1;");
    exchanges_close_ended();
}
END_TEST

START_TEST(a_whole_body_is_as_long_as_its_length)
{
    exchanges_open_for("GET");
    tree_python("send(start(200, (b'content-length', b'3')))\n"
                "refused(body(b'four'), ValueError, 'has 4 bytes, its Content-Length is 3')\n"
                "refused(body(b'2b'), ValueError, 'has 2 bytes, its Content-Length is 3')\n"
                "send(body(b'3by'))\n");
    app_expect_reply(request, 200, "3by", "");
    exchanges_close_ended();
}
END_TEST

START_TEST(so_is_a_stream)
{
    exchanges_open_for("GET");
    tree_python("send(start(200, (b'content-length', b'5')))\n"
                "send(body(b'abc', True))\n"
                "refused(body(b'def', True), ValueError, 'is longer than its Content-Length of 5')\n"
                "send(body(b'de'))\n");
    ck_assert_uint_eq(request->reply.length, 5);
    exchanges_expect_stream("abcde", STREAM_END);
    exchanges_close_ended();
}
END_TEST

START_TEST(a_stream_that_ends_too_early_is_broken)
{
    exchanges_open_for("GET");
    tree_python("send(start(200, (b'content-length', b'5')))\n"
                "send(body(b'abc', True))\n"
                "refused(body(b'd'), ValueError, 'has 4 bytes, its Content-Length is 5')\n");
    captured_log_begin();
    PyErr_SetString(PyExc_ValueError, "as it was raised");
    exchanges_end(exchange);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "app: ValueError: as it was raised") != NULL, "%s", log);
    exchanges_expect_stream("abcd", STREAM_BROKEN);
    exchanges_close();
}
END_TEST

SUITE("send_failures", what_is_no_body_is_refused_and_can_be_sent_again,
      what_is_no_start_is_refused_and_can_be_sent_again, what_is_no_event_is_refused, events_have_their_order,
      a_start_within_a_start_is_refused, a_whole_body_is_as_long_as_its_length, so_is_a_stream,
      a_stream_that_ends_too_early_is_broken)
