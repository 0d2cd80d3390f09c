#include <string.h>

#include "core/stream.h"
#include "python/exchanges.h"
#include "python/tree.h"
#include "suite.h"

START_TEST(a_whole_body_is_the_reply)
{
    exchanges_open_for("GET");
    tree_python("assert run(send(start(201, (b'x-a', b'1'), (b'x-b', b'\\xe9')))) is None\n");
    ck_assert_uint_eq(request->reply.status, 0);
    tree_python("assert run(send(body(b'whole'))) is None\n");
    ck_assert_ptr_null(exchange->request);
    app_expect_reply(request, 201, "whole", "x-a=1;x-b=\xe9;");
    exchanges_close_ended();
}
END_TEST

START_TEST(headers_and_body_may_be_left_out)
{
    exchanges_open_for("GET");
    tree_python("send({'type': 'http.response.start', 'status': 404})\nsend({'type': 'http.response.body'})\n");
    app_expect_reply(request, 404, "", "");
    exchanges_close_ended();
}
END_TEST

START_TEST(headers_are_any_iterable_of_pairs)
{
    exchanges_open_for("GET");
    tree_python("class Bytes(bytes):\n"
                "    pass\n"
                "pairs = (pair for pair in ([b'x-a', b'1'], (Bytes(b'x-b'), Bytes(b'2')), iter((b'x-c', b'3'))))\n"
                "send({'type': 'http.response.start', 'status': 200, 'headers': pairs})\n"
                "send(body(b''))\n");
    app_expect_reply(request, 200, "", "x-a=1;x-b=2;x-c=3;");
    exchanges_close_ended();
}
END_TEST

/* Starlette's responses and streams use a memoryview as a body. */
START_TEST(a_body_is_whatever_has_its_bytes_in_a_row)
{
    exchanges_open_for("GET");
    tree_python("import array\n"
                "send(start())\n"
                "for piece in (b'a', bytearray(b'b'), memoryview(b'xcx')[1:2], array.array('B', b'd')):\n"
                "    before = sys.getrefcount(piece)\n"
                "    run(send(body(piece, True)))\n"
                "    assert sys.getrefcount(piece) == before\n"
                "buffer = bytearray(b'e')\n"
                "run(send(body(buffer, True)))\n"
                "buffer.extend(b'more')\n" /* fails if the buffer is still exported */
                "run(send(body(memoryview(b'f'))))\n");
    exchanges_expect_stream("abcdef", STREAM_END);
    exchanges_close_ended();
}
END_TEST

START_TEST(more_body_is_whatever_is_true)
{
    exchanges_open_for("GET");
    tree_python("send(start())\nsend(body(b'a', 1))\nsend(body(b'b', [0]))\nsend(body(b'c', ''))\n");
    exchanges_expect_stream("abc", STREAM_END);
    exchanges_close_ended();
}
END_TEST

START_TEST(to_head_no_body_goes_out)
{
    exchanges_open_for("HEAD");
    tree_python("send(start())\nsend(body(b'seven b'))\n");
    app_expect_reply(request, 200, "", "");
    ck_assert_uint_eq(request->reply.length, 7);
    exchanges_close_ended();
}
END_TEST

START_TEST(nor_does_a_stream)
{
    exchanges_open_for("HEAD");
    tree_python("send(start())\nrun(send(body(b'x' * 100000, True)))\n");
    ck_assert_ptr_null(exchange->request);
    tree_python("run(send(body(b'x' * 100000, True)))\nrun(send(body(b'x')))\n");
    exchanges_expect_stream("", STREAM_END);
    exchanges_close_ended();
}
END_TEST

START_TEST(nor_with_204)
{
    exchanges_open_for("GET");
    tree_python("send(start(204, (b'content-length', b'3'), (b'x-a', b'1')))\nsend(body(b'abc'))\n");
    app_expect_reply(request, 204, "", "x-a=1;");
    ck_assert_uint_eq(request->reply.length, REPLY_LENGTH_OPEN);
    exchanges_close_ended();
}
END_TEST

START_TEST(a_sender_that_is_ahead_of_its_client_waits)
{
    ssize_t last;
    exchanges_open_for("GET");
    tree_python("send(start())\n"
                "run(send(body(b'x' * 1000, True)))\n"
                "waiting, other = ask(send(body(b'x' * 100000, True))), ask(send(body(b'x', True)))\n"
                "turn()\nassert not waiting.done() and not other.done()\n");
    ck_assert_uint_eq(strlen(app_read_stream(request, &last)), 101001);
    ck_assert_int_eq(last, STREAM_NOTHING_YET);
    exchanges_deliver();
    tree_python("assert run(waiting) is run(other) is None\nrun(send(body(b'end')))\n");
    exchanges_expect_stream("end", STREAM_END);
    exchanges_close_ended();
}
END_TEST

START_TEST(a_wait_that_was_cancelled_is_not_the_next_one_s)
{
    ssize_t last;
    exchanges_open_for("GET");
    tree_python("send(start())\n"
                "ask(send(body(b'x' * 100000, True))).cancel()\n"
                "for _ in range(100):\n"
                "    ask(send(body(b'', True))).cancel()\n"
                "turn()\n"
                "waiting = ask(send(body(b'y', True)))\n"
                "turn()\nassert not waiting.done()\n");
    ck_assert_int_eq(PyList_GET_SIZE(exchange->waiters), 1);
    ck_assert_uint_eq(strlen(app_read_stream(request, &last)), 100001);
    exchanges_deliver();
    tree_python("run(waiting)\nsend(body())\n");
    exchanges_expect_stream("", STREAM_END);
    exchanges_close_ended();
}
END_TEST

START_TEST(what_is_sent_to_a_client_that_has_left_goes_nowhere)
{
    exchanges_open_for("GET");
    tree_python("run(receive())\nsend(start())\nwaiting, listener = send(body(b'x' * 100000, True)), receive()\n");
    reply_free(&request->reply); /* as when the connection has ended */
    exchanges_deliver();
    tree_python("assert run(waiting) is None and run(listener) == GONE\n"
                "for event in (body(b'x' * 100000, True), body(b'x'), body(b'x'), start()):\n"
                "    assert run(send(event)) is None\n");
    exchanges_close_ended();
}
END_TEST

START_TEST(so_does_what_is_sent_for_a_request_that_was_given_up)
{
    exchanges_open_for("GET");
    request_give_up(request);
    tree_python("run(send(start()))\nrun(send(body(b'x')))\n");
    ck_assert_ptr_eq(exchange->request, request); /* the end of the call is still to come */
    ck_assert_uint_eq(request->reply.status, 0);
    exchanges_close_ended();
}
END_TEST

START_TEST(responses_leave_no_objects_behind)
{
    exchanges_open();
    for (unsigned i = 0; i < 100; i++) {
        if (i == 20)
            tree_python("import gc\ngc.collect()\nblocks = sys.getallocatedblocks()\n");
        request = app_request("GET", "/", "");
        exchange = exchanges_begin(request);
        tree_python("run(receive())\nlistener = receive()\n"
                    "send(start(200, (b'x-a', b'1')))\n"
                    "try:\n"
                    "    send(body('text'))\n"
                    "except TypeError:\n"
                    "    pass\n"
                    "run(send(body(b'a', True)))\n"
                    "send(body(bytearray(b'x' * 100000), True))\n"
                    "send(body(b'b'))\n"
                    "run(listener)\n");
        exchanges_end(exchange);
    }
    tree_python("gc.collect()\nmore = sys.getallocatedblocks() - blocks\nassert more < 60, more\n");
    ck_assert_uint_eq(exchanges_asgi->exchanges, 1); /* the latest, because its receive and send still exist */
    exchanges_close();
}
END_TEST

SUITE("send", a_whole_body_is_the_reply, headers_and_body_may_be_left_out, headers_are_any_iterable_of_pairs,
      a_body_is_whatever_has_its_bytes_in_a_row, more_body_is_whatever_is_true, to_head_no_body_goes_out,
      nor_does_a_stream, nor_with_204, a_sender_that_is_ahead_of_its_client_waits,
      a_wait_that_was_cancelled_is_not_the_next_one_s, what_is_sent_to_a_client_that_has_left_goes_nowhere,
      so_does_what_is_sent_for_a_request_that_was_given_up, responses_leave_no_objects_behind)
