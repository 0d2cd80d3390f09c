#include "python/wsgi/input.h"

#include <string.h>

#include "python/inputs.h"
#include "python/tree.h"
#include "suite.h"

START_TEST(read_takes_so_many_bytes_or_all)
{
    inputs_open("0123456789");
    tree_python("assert input.read(0) == b''\n"
                "assert input.read(3) == b'012'\n"
                "assert input.read(True) == b'3'\n"
                "assert input.read() == b'456789'\n"
                "assert input.read() == input.read(5) == input.read(None) == b''\n");
    inputs_close();
}
END_TEST

START_TEST(a_size_below_zero_or_none_is_all)
{
    inputs_open("0123");
    tree_python("assert input.read(-1) == b'0123'\n");
    inputs_close();
}
END_TEST

START_TEST(a_size_beyond_all_memory_is_no_more_than_there_is)
{
    inputs_open("0123\n4");
    tree_python(
        "import sys\nassert input.readline(sys.maxsize) == b'0123\\n'\nassert input.read(sys.maxsize) == b'4'\n");
    inputs_close();
}
END_TEST

START_TEST(what_is_no_size_is_an_exception)
{
    inputs_open("0123");
    tree_python("for size in ('1', 1.0, b'1', [], 1 << 70):\n"
                "    for method in (input.read, input.readline, input.readlines):\n"
                "        try:\n"
                "            method(size)\n"
                "        except (TypeError, OverflowError):\n"
                "            pass\n"
                "        else:\n"
                "            raise AssertionError((size, method))\n"
                "for method in (input.read, input.readline, input.readlines):\n"
                "    try:\n"
                "        method(1, 2)\n"
                "    except TypeError as error:\n"
                "        assert 'takes at most one argument (2 given)' in str(error), error\n"
                "    else:\n"
                "        raise AssertionError(method)\n"
                "assert input.read() == b'0123'\n"
                "del method\n");
    inputs_close();
}
END_TEST

START_TEST(lines_end_behind_their_newline)
{
    inputs_open("one\n\ntwo\r\nthree\nfour");
    tree_python("assert input.readline() == b'one\\n'\n"
                "assert input.readline() == b'\\n'\n"
                "assert input.readline(2) == b'tw'\n"
                "assert input.readline(0) == b''\n"
                "assert input.readline(3) == b'o\\r\\n'\n"
                "assert input.readline(-1) == b'three\\n'\n"
                "assert input.readline(100) == b'four'\n"
                "assert input.readline() == input.readline(5) == b''\n");
    inputs_close();
}
END_TEST

START_TEST(iterating_gives_lines)
{
    inputs_open("one\ntwo\n\nthree");
    tree_python("assert iter(input) is input\n"
                "assert next(input) == b'one\\n'\n"
                "assert list(input) == [b'two\\n', b'\\n', b'three'] and list(input) == []\n");
    inputs_close();
}
END_TEST

START_TEST(readlines_stops_behind_its_hint)
{
    inputs_open("one\ntwo\nthree\nfour\n");
    tree_python("assert input.readlines(1) == [b'one\\n']\n"
                "assert input.readlines(5) == [b'two\\n', b'three\\n']\n"
                "assert input.readlines(0) == [b'four\\n'] and input.readlines() == input.readlines(3) == []\n");
    inputs_close();
}
END_TEST

START_TEST(an_empty_body_has_ended)
{
    inputs_open("");
    tree_python("assert input.read() == input.readline() == b'' and input.readlines() == list(input) == []\n");
    inputs_close();
}
END_TEST

START_TEST(bytes_are_as_they_came)
{
    inputs_open("");
    char every[256];
    for (unsigned i = 0; i < sizeof every; i++)
        every[i] = (char)i;
    ck_assert_int_eq(request_body_append(request, every, sizeof every), ERR_OK);
    inputs_show();
    tree_python("assert input.read() == bytes(range(256))\n");
    inputs_close();
}
END_TEST

/* The app may keep the body longer than its request lives. */
START_TEST(the_body_is_its_own)
{
    inputs_open("kept");
    ck_assert_ptr_null(request->body);
    ck_assert_uint_eq(request->body_bytes + request->body_capacity, 0);
    tree_python("assert input.read() == b'kept'\n");
    inputs_close();
}
END_TEST

START_TEST(inputs_leave_no_objects_behind)
{
    inputs_open("");
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_int_eq(request_body_append(request, "line\nline", 9), ERR_OK);
        inputs_show();
        tree_python("assert len(list(input)) == 2 and input.read() == b''\n");
    }
    inputs_close();
}
END_TEST

SUITE("input", read_takes_so_many_bytes_or_all, a_size_below_zero_or_none_is_all,
      a_size_beyond_all_memory_is_no_more_than_there_is, what_is_no_size_is_an_exception,
      lines_end_behind_their_newline, iterating_gives_lines, readlines_stops_behind_its_hint, an_empty_body_has_ended,
      bytes_are_as_they_came, the_body_is_its_own, inputs_leave_no_objects_behind)
