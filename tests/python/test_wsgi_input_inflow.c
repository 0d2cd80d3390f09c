/* wsgi.input of a body that is still coming in. */
#include "python/wsgi_input.h"

#include <string.h>

#include "core/inflow.h"
#include "inputs.h"
#include "suite.h"
#include "tree.h"

START_TEST(what_is_still_to_come_is_read_behind_what_has_come)
{
    inputs_open_inflow("he");
    inputs_put("llo\nwor");
    inputs_put("ld\n!");
    request_end_inflow(request, true);
    tree_python("assert input.read(1) == b'h'\n"
                "assert input.readline() == b'ello\\n'\n"
                "assert input.readline(3) == b'wor'\n"
                "assert input.read() == b'ld\\n!' and input.read() == b''\n");
    inputs_close();
}
END_TEST

START_TEST(a_read_may_be_longer_than_what_comes)
{
    inputs_open_inflow("ab");
    inputs_put("cd");
    request_end_inflow(request, true);
    tree_python("assert input.read(10) == b'abcd' and input.read(10) == b'' and input.read() == b''\n");
    inputs_close();
}
END_TEST

/* Of which the one that is longer is gathered before it has its object. */
START_TEST(long_reads_go_across_pieces)
{
    static const char piece[48 * 1024] = "head";
    inputs_open_inflow("first");
    for (unsigned i = 0; i < 64; i++)
        ck_assert(inflow_put(request->feed, piece, sizeof piece) || i >= 7);
    request_end_inflow(request, true);
    tree_python("whole = b'first' + (b'head' + bytes(48 * 1024 - 4)) * 64\n"
                "read = [input.read(size) for size in (3, 100_000, 1_048_577, 1_048_576, 10_000_000)]\n"
                "assert b''.join(read) == whole\n"
                "assert [len(one) for one in read] == [3, 100_000, 1_048_577, 1_048_576, len(whole) - 2_197_156]\n");
    inputs_close();
}
END_TEST

START_TEST(a_line_may_come_in_pieces)
{
    inputs_open_inflow("a");
    for (const char *at = "bcdefgh\ni"; *at; at++)
        ck_assert(inflow_put(request->feed, at, 1));
    request_end_inflow(request, true);
    tree_python("assert input.readlines() == [b'abcdefgh\\n', b'i']\n");
    inputs_close();
}
END_TEST

/* What has been looked through is not looked at again, and no byte is left out. */
START_TEST(a_line_may_end_with_the_first_byte_that_comes_later)
{
    inputs_open_inflow("one");
    inputs_put("\ntwo");
    request_end_inflow(request, true);
    tree_python("assert input.readline() == b'one\\n' and input.readline() == b'two'\n");
    inputs_close();
}
END_TEST

static void put_the_rest(void *feed)
{
    for (unsigned i = 0; i < 10; i++)
        ck_assert(inflow_put(feed, "0123456789", 10));
    pipe_put_end(feed, true);
}

START_TEST(reading_waits_for_what_is_to_come_without_the_gil)
{
    uv_thread_t loop;
    inputs_open_inflow("");
    tree_python("import threading\n"
                "may_come = threading.Event()\n"
                "found = []\n"
                "reader = threading.Thread(target=lambda: found.append(input.read(95)))\n"
                "reader.start()\n"); /* it waits: this thread would hang here for ever if it did so with the GIL */
    ck_assert_int_eq(uv_thread_create(&loop, put_the_rest, request->feed), 0);
    request->feed = NULL; /* that thread's */
    tree_python("reader.join()\nassert found == [b'0123456789' * 9 + b'01234'] and input.read() == b'56789'\n");
    ck_assert_int_eq(uv_thread_join(&loop), 0);
    inputs_close();
}
END_TEST

START_TEST(a_body_that_breaks_off_is_an_exception_behind_what_came)
{
    inputs_open_inflow("one\n");
    inputs_put("two\nthr");
    request_end_inflow(request, false);
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
    inputs_open_inflow("one\ntw");
    request_end_inflow(request, false);
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
    inputs_open_inflow("a");
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
                "del read\n"); /* it holds the input */
    inputs_put("bcd");
    request_end_inflow(request, true);
    tree_python("reader.join()\nassert found == [b'abc'] and input.read() == b'd', found\n");
    inputs_close();
}
END_TEST

/* The client is not to wait for an app that has no use for the rest. */
START_TEST(an_input_that_is_gone_lets_the_rest_go)
{
    inputs_open_inflow("");
    tree_python("input = None\n");
    static const char piece[PIPE_BYTES];
    for (unsigned i = 0; i < 3; i++)
        ck_assert(inflow_put(request->feed, piece, sizeof piece));
    request_end_inflow(request, true);
    inputs_close();
}
END_TEST

SUITE("wsgi_input_inflow", what_is_still_to_come_is_read_behind_what_has_come, a_read_may_be_longer_than_what_comes,
      long_reads_go_across_pieces, a_line_may_come_in_pieces, a_line_may_end_with_the_first_byte_that_comes_later,
      reading_waits_for_what_is_to_come_without_the_gil, a_body_that_breaks_off_is_an_exception_behind_what_came,
      lines_of_a_body_that_breaks_off_end_with_an_exception, two_threads_do_not_read_it_at_once,
      an_input_that_is_gone_lets_the_rest_go)
