/* Subinterpreters are the first to call C functions with keyword arguments. Without arg_parsers_leave the process dies
 * when Python is finalized, which fails a test here. Each test runs in a process of its own, to its end. */
#include "python/interp/arg_parsers.h"

#include "python/members.h"
#include "python/tree.h"
#include "suite.h"

/* The argument parsers of these functions are in extension modules, and in the interpreter itself. */
static const char calls[] = "import bz2, hashlib, random, sqlite3, struct, zlib\n"
                            "def call():\n"
                            "    database = sqlite3.connect(':memory:', timeout=2.0, isolation_level=None)\n"
                            "    assert database.execute('select 1 + 1').fetchone() == (2,)\n"
                            "    database.close()\n"
                            "    assert zlib.decompress(zlib.compress(b'x' * 100, level=9), bufsize=50) == b'x' * 100\n"
                            "    assert hashlib.new(name='sha256', data=b'', usedforsecurity=False).digest_size == 32\n"
                            "    assert sorted([3, 1, 2], key=None, reverse=True) == [3, 2, 1]\n"
                            "    assert int.from_bytes(b'\\x01\\x02', byteorder='little', signed=False) == 513\n"
                            "    assert 'a,b'.split(sep=',', maxsplit=1) == ['a', 'b']\n"
                            "    try:\n"
                            "        sqlite3.connect(':memory:', no_such_argument=1)\n"
                            "    except TypeError as error:\n"
                            "        assert 'no_such_argument' in str(error) or 'takes' in str(error), error\n"
                            "    else:\n"
                            "        raise AssertionError\n";

static void open_with_calls(void)
{
    members_open();
    tree_write("tandem/calls.py", calls);
}

static void call_them(unsigned member, struct python_thread *thread)
{
    (void)member;
    (void)thread;
    tree_python("from tandem.calls import call\ncall()\n");
    uv_barrier_wait(&members_barrier);
    tree_python("for i in range(100):\n    call()\n");
}

START_TEST(python_ends_where_subinterpreters_were_the_first_to_call_them)
{
    open_with_calls();
    members_run(3, call_them);
    members_close();
}
END_TEST

START_TEST(the_main_interpreter_may_call_them_afterwards)
{
    open_with_calls();
    members_run(3, call_them);
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    tree_python("from tandem.calls import call\ncall()\n");
    python_leave(thread);
    python_thread_end(thread);
    members_close();
}
END_TEST

START_TEST(interpreters_that_are_made_when_the_first_have_ended_may_too)
{
    open_with_calls();
    for (unsigned round = 0; round < 3; round++)
        members_run(2, call_them);
    members_close();
}
END_TEST

SUITE("arg_parsers", python_ends_where_subinterpreters_were_the_first_to_call_them,
      the_main_interpreter_may_call_them_afterwards, interpreters_that_are_made_when_the_first_have_ended_may_too)
