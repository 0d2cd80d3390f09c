/* wsgi.input of a body that is still coming in. */
#include "python/wsgi/input.h"

#include <string.h>

#include "core/inward.h"
#include "python/inputs.h"
#include "python/tree.h"
#include "stream/request_streams.h"
#include "suite.h"

START_TEST(what_is_still_to_come_is_read_behind_what_has_come)
{
    inputs_open_inward("he");
    inputs_put("llo\nwor");
    inputs_put("ld\n!");
    request_end_body(request, true);
    tree_python("assert input.read(1) == b'h'\n"
                "assert input.readline() == b'ello\\n'\n"
                "assert input.readline(3) == b'wor'\n"
                "assert input.read() == b'ld\\n!' and input.read() == b''\n");
    inputs_close();
}
END_TEST

START_TEST(a_read_may_be_longer_than_what_comes)
{
    inputs_open_inward("ab");
    inputs_put("cd");
    request_end_body(request, true);
    tree_python("assert input.read(10) == b'abcd' and input.read(10) == b'' and input.read() == b''\n");
    inputs_close();
}
END_TEST

/* A read of more than 1 MiB is gathered before its bytes object is made. */
START_TEST(long_reads_go_across_pieces)
{
    static const char piece[48 * 1024] = "head";
    inputs_open_inward("first");
    for (unsigned i = 0; i < 64; i++)
        ck_assert(inward_put(request->body_writer, piece, sizeof piece) || i >= 7);
    request_end_body(request, true);
    tree_python("whole = b'first' + (b'head' + bytes(48 * 1024 - 4)) * 64\n"
                "read = [input.read(size) for size in (3, 100_000, 1_048_577, 1_048_576, 10_000_000)]\n"
                "assert b''.join(read) == whole\n"
                "assert [len(one) for one in read] == [3, 100_000, 1_048_577, 1_048_576, len(whole) - 2_197_156]\n");
    inputs_close();
}
END_TEST

START_TEST(a_line_may_come_in_pieces)
{
    inputs_open_inward("a");
    for (const char *at = "bcdefgh\ni"; *at; at++)
        ck_assert(inward_put(request->body_writer, at, 1));
    request_end_body(request, true);
    tree_python("assert input.readlines() == [b'abcdefgh\\n', b'i']\n");
    inputs_close();
}
END_TEST

/* Bytes that were searched for the end of a line are not searched again, and no byte is left out. */
START_TEST(a_line_may_end_with_the_first_byte_that_comes_later)
{
    inputs_open_inward("one");
    inputs_put("\ntwo");
    request_end_body(request, true);
    tree_python("assert input.readline() == b'one\\n' and input.readline() == b'two'\n");
    inputs_close();
}
END_TEST

static void put_the_rest(void *body_writer)
{
    for (unsigned i = 0; i < 10; i++)
        ck_assert(inward_put(body_writer, "0123456789", 10));
    pipe_put_end(body_writer, true);
}

START_TEST(reading_waits_for_what_is_to_come_without_the_gil)
{
    uv_thread_t loop;
    inputs_open_inward("");
    tree_python("import threading\n"
                "may_come = threading.Event()\n"
                "found = []\n"
                "reader = threading.Thread(target=lambda: found.append(input.read(95)))\n"
                "reader.start()\n"); /* the reader waits: if it held the GIL, this thread would hang here for ever */
    ck_assert_int_eq(uv_thread_create(&loop, put_the_rest, request->body_writer), 0);
    request->body_writer = NULL; /* that thread has it now */
    tree_python("reader.join()\nassert found == [b'0123456789' * 9 + b'01234'] and input.read() == b'56789'\n");
    ck_assert_int_eq(uv_thread_join(&loop), 0);
    inputs_close();
}
END_TEST

START_TEST(a_body_that_breaks_off_is_an_exception_behind_what_came)
{
    inputs_open_inward("one\n");
    inputs_put("two\nthr");
    request_end_body(request, false);
    tree_python("assert input.readline() == b'one\\n' and input.read(3) == b'two'\n"
                "try:\n"
                "    input.read(100)\n"
                "except ConnectionResetError as error:\n"
                "    assert 'before it was whole' in str(error)\n"
                "else:\n"
                "    raise AssertionError\n");
    inputs_close();
}
END_TEST

START_TEST(lines_of_a_body_that_breaks_off_end_with_an_exception)
{
    inputs_open_inward("one\ntw");
    request_end_body(request, false);
    tree_python("lines = []\n"
                "try:\n"
                "    for line in input:\n"
                "        lines.append(line)\n"
                "except ConnectionResetError:\n"
                "    assert lines == [b'one\\n'], lines\n"
                "else:\n"
                "    raise AssertionError(lines)\n");
    inputs_close();
}
END_TEST

START_TEST(two_threads_do_not_read_it_at_once)
{
    inputs_open_inward("a");
    tree_python("import threading\n"
                "found = []\n"
                "reader = threading.Thread(target=lambda: found.append(input.read(3)))\n"
                "reader.start()\n"
                "while True:\n"
                "    try:\n"
                "        input.read(0)\n"
                "    except RuntimeError as error:\n"
                "        assert str(error) == 'another thread is reading wsgi.input', error\n"
                "        break\n"
                "for read in (input.read, input.readline, input.readlines, input.__next__):\n"
                "    try:\n"
                "        read()\n"
                "    except RuntimeError:\n"
                "        continue\n"
                "    raise AssertionError(read)\n"
                "del read\n"); /* read holds the input */
    inputs_put("bcd");
    request_end_body(request, true);
    tree_python("reader.join()\nassert found == [b'abc'] and input.read() == b'd', found\n");
    inputs_close();
}
END_TEST

/* The client must not wait for an app that does not want the rest. */
START_TEST(an_input_that_is_gone_lets_the_rest_go)
{
    inputs_open_inward("");
    tree_python("input = None\n");
    static const char piece[PIPE_BYTES];
    for (unsigned i = 0; i < 3; i++)
        ck_assert(inward_put(request->body_writer, piece, sizeof piece));
    request_end_body(request, true);
    inputs_close();
}
END_TEST

SUITE("input_inward", what_is_still_to_come_is_read_behind_what_has_come, a_read_may_be_longer_than_what_comes,
      long_reads_go_across_pieces, a_line_may_come_in_pieces, a_line_may_end_with_the_first_byte_that_comes_later,
      reading_waits_for_what_is_to_come_without_the_gil, a_body_that_breaks_off_is_an_exception_behind_what_came,
      lines_of_a_body_that_breaks_off_end_with_an_exception, two_threads_do_not_read_it_at_once,
      an_input_that_is_gone_lets_the_rest_go)
