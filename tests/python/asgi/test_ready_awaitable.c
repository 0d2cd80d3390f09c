#include "python/asgi/ready_awaitable.h"

#include "python/app_calls.h"
#include "python/tree.h"
#include "suite.h"

static PyObject *type;

/* Makes ready, an awaitable with the value of this expression. */
static void be_ready_with(const char *value)
{
    app_show("value", app_value(value));
    app_show("ready", ready_awaitable_new(type, Py_NewRef(app_global("value"))));
}

static void open_with(const char *value)
{
    implementations_open();
    type = ready_awaitable_type();
    ck_assert_ptr_nonnull(type);
    tree_python("import asyncio, sys\n");
    be_ready_with(value);
}

static void close_it(void)
{
    Py_CLEAR(type);
    implementations_close();
}

START_TEST(awaiting_it_gives_its_value_without_a_turn_of_the_loop)
{
    open_with("object()");
    tree_python("async def call():\n"
                "    return await ready\n"
                "try:\n"
                "    call().send(None)\n"
                "except StopIteration as stop:\n"
                "    assert stop.value is value\n"
                "else:\n"
                "    raise AssertionError('it was waited for')\n");
    close_it();
}
END_TEST

/* asyncio.wait_for, gather and ensure_future take an awaitable, but do not await it themselves. */
START_TEST(asyncio_takes_it_for_an_awaitable)
{
    open_with("{'type': 'x'}");
    tree_python("async def call():\n"
                "    assert await asyncio.wait_for(ready, 10) is value\n"
                "    assert await asyncio.ensure_future(ready) is value\n"
                "    assert await asyncio.gather(ready, ready) == [value, value]\n"
                "asyncio.run(call())\n");
    close_it();
}
END_TEST

/* PyErr_SetObject(StopIteration, value) would unpack a tuple, and take an exception for the one to raise. So the code
 * under test makes the StopIteration itself. */
START_TEST(whatever_its_value_is_iterating_gives_it)
{
    static const char *const values[] = {"(1, 2)", "()", "None", "StopIteration(3)", "ValueError"};
    open_with("0");
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        be_ready_with(values[i]);
        tree_python("try:\n"
                    "    next(iter(ready))\n"
                    "except StopIteration as stop:\n"
                    "    assert stop.value is value, stop.value\n"
                    "else:\n"
                    "    raise AssertionError\n");
    }
    close_it();
}
END_TEST

START_TEST(it_holds_its_value_once_however_often_it_is_awaited)
{
    open_with("object()");
    tree_python("before = sys.getrefcount(value)\n"
                "async def call():\n"
                "    for _ in range(1000):\n"
                "        await ready\n"
                "asyncio.run(call())\n"
                "assert sys.getrefcount(value) == before\n"
                "del ready\n"
                "assert sys.getrefcount(value) == before - 1\n");
    close_it();
}
END_TEST

START_TEST(there_is_none_without_a_value)
{
    open_with("None");
    PyErr_SetString(PyExc_KeyError, "why");
    ck_assert_ptr_null(ready_awaitable_new(type, NULL));
    app_expect_raised("KeyError: 'why'");
    tree_python("try:\n    type(ready)()\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError\n");
    close_it();
}
END_TEST

SUITE("ready_awaitable", awaiting_it_gives_its_value_without_a_turn_of_the_loop, asyncio_takes_it_for_an_awaitable,
      whatever_its_value_is_iterating_gives_it, it_holds_its_value_once_however_often_it_is_awaited,
      there_is_none_without_a_value)
