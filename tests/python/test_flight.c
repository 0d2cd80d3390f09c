#include "python/flight.h"

#include <string.h>

#include "airport.h"
#include "base/clock.h"
#include "captured_log.h"
#include "suite.h"
#include "tree.h"

START_TEST(a_coroutine_that_never_suspends_is_over_at_once)
{
    airport_open();
    struct request *request = twin_request(twin("quick", "async def start():\n    return 'a/b', b'quick'\n"));
    airport_depart(request);
    tree_python("loop.call_soon(depart)\nloop.call_soon(loop.stop)\nloop.run_forever()\n");
    ck_assert_ptr_null(airport_flights.first);
    forms_expect(request, 200, "a/b", "quick");
    airport_land_all();
    airport_close();
}
END_TEST

START_TEST(one_that_suspends_is_answered_when_it_goes_on_and_others_meanwhile)
{
    airport_open();
    struct workload *waits = twin("waits", "import asyncio\n"
                                           "go_on = asyncio.Event()\n"
                                           "async def start():\n"
                                           "    await go_on.wait()\n"
                                           "    return 'a/b', b'waited'\n");
    struct workload *frees = twin("frees", "from tandem.workloads import waits\n"
                                           "async def start():\n"
                                           "    waits.go_on.set()\n"
                                           "    return 'a/b', b'freed'\n");
    struct request *slow[3];
    for (unsigned i = 0; i < 3; i++)
        airport_depart(slow[i] = twin_request(waits));
    for (unsigned i = 0; i < 5; i++)
        airport_turn();
    ck_assert_uint_eq(slow[0]->reply.status, 0);
    struct request *quick = airport_fly(frees);
    forms_expect(quick, 200, "a/b", "freed");
    ck_assert_ptr_eq(forms_returned[0], quick);
    for (unsigned i = 0; i < 3; i++)
        forms_expect(slow[i], 200, "a/b", "waited");
    airport_close();
}
END_TEST

START_TEST(numbers_and_bodies_come_as_to_the_blocking_form)
{
    airport_open();
    struct workload *workload =
        twin("mirror", "async def start(*arguments):\n    return 'a/b', ascii(arguments).encode()\n");
    workload->takes_body = true;
    workload->params[0] = (struct param){.name = "n", .max = 10};
    struct request *request = twin_request(workload);
    ck_assert_int_eq(request_body_append(request, "x\0\xff", 3), ERR_OK);
    request->params[0] = 7;
    airport_depart(request);
    airport_land_all();
    forms_expect(request, 200, "a/b", "(b'x\\x00\\xff', None, 7)");
    airport_close();
}
END_TEST

START_TEST(it_has_a_current_task_and_timeouts_before_its_first_await)
{
    airport_open();
    forms_expect(airport_fly(twin("task", "import asyncio\n"
                                          "async def start():\n"
                                          "    task = asyncio.current_task()\n"
                                          "    assert task in asyncio.all_tasks()\n"
                                          "    await asyncio.sleep(0)\n"
                                          "    assert asyncio.current_task() is task\n"
                                          "    return 'a/b', b'has one'\n")),
                 200, "a/b", "has one");
    forms_expect(airport_fly(twin("timeout", "import asyncio\n"
                                             "async def start():\n"
                                             "    try:\n"
                                             "        async with asyncio.timeout(0):\n"
                                             "            await asyncio.Event().wait()\n"
                                             "    except TimeoutError:\n"
                                             "        return 'a/b', b'in time'\n")),
                 200, "a/b", "in time");
    tree_python("assert asyncio.current_task(loop) is None and not asyncio.all_tasks(loop)\n");
    airport_close();
}
END_TEST

START_TEST(each_has_a_context_of_its_own)
{
    airport_open();
    struct workload *workload = twin("context", "import asyncio, contextvars\n"
                                                "mine = contextvars.ContextVar('mine', default='none')\n"
                                                "async def start():\n"
                                                "    before = mine.get()\n"
                                                "    mine.set('set')\n"
                                                "    await asyncio.sleep(0)\n"
                                                "    return 'a/b', (before + ' ' + mine.get()).encode()\n");
    struct request *both[2];
    for (unsigned i = 0; i < 2; i++)
        airport_depart(both[i] = twin_request(workload));
    airport_land_all();
    for (unsigned i = 0; i < 2; i++)
        forms_expect(both[i], 200, "a/b", "none set");
    forms_expect(airport_fly(workload), 200, "a/b", "none set");
    airport_close();
}
END_TEST

static void (*while_it_runs)(void);

static PyObject *call_back(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    while_it_runs();
    Py_RETURN_NONE;
}

static void wait_a_little(void)
{
    counter_add(&twins_thread->account.wait_ns, 7000);
}

/* Its waits for the GIL are put on the account here, as the thread would have had them. */
START_TEST(a_request_has_its_moments_and_its_waits_also_those_while_it_flew)
{
    static PyMethodDef definition = {"wait_a_little", call_back, METH_NOARGS, NULL};
    airport_open();
    while_it_runs = wait_a_little;
    ck_assert_int_eq(
        PyModule_AddObject(PyImport_AddModule("builtins"), "wait_a_little", PyCFunction_New(&definition, NULL)), 0);
    struct workload *workload = twin("waits", "import asyncio\n"
                                              "async def start(n):\n"
                                              "    wait_a_little()\n"
                                              "    if n:\n"
                                              "        await asyncio.sleep(0)\n"
                                              "        wait_a_little()\n"
                                              "    return 'a/b', b''\n");
    workload->params[0] = (struct param){.name = "n", .max = 1};
    counter_add(&twins_thread->account.wait_ns, 100000); /* before: another one's */
    for (unsigned suspends = 0; suspends < 2; suspends++) {
        struct request *request = twin_request(workload);
        request->params[0] = suspends;
        request->gil_ns = 500;
        uint64_t before_ns = clock_ns();
        airport_depart(request);
        airport_land_all();
        forms_expect(request, 200, "a/b", "");
        ck_assert_uint_ge(request->started_ns, before_ns);
        ck_assert_uint_ge(request->finished_ns, request->started_ns);
        ck_assert_uint_le(request->finished_ns, clock_ns());
        ck_assert_uint_eq(request->gil_ns, suspends ? 14500 : 7500);
    }
    airport_close();
}
END_TEST

START_TEST(flights_leave_no_objects_behind)
{
    airport_open();
    const struct workload *const each[] = {
        twin("quick", "async def start():\n    return 'a/b', b'x' * 100\n"),
        twin("slow", "import asyncio\nasync def start():\n    await asyncio.sleep(0)\n    return 'a/b', b'x' * 100\n"),
        twin("fails", "async def start():\n    raise KeyError\n"),
        twin("fails_later", "import asyncio\nasync def start():\n    await asyncio.sleep(0)\n    raise KeyError\n"),
        twin("wrong", "async def start():\n    return [object()]\n"),
        twin("no_coroutine", "def start():\n    return 'a/b', b''\n"),
    };
    enum { KINDS = sizeof each / sizeof each[0], ROUNDS = 1000 };
    struct request *request = twin_request(each[0]);
    captured_log_begin();
    for (unsigned i = 0; i < KINDS * ROUNDS; i++) {
        if (i == KINDS * ROUNDS / 2)
            tree_python("import gc\ngc.collect()\nblocks = sys.getallocatedblocks()\n");
        request->workload = each[i % KINDS];
        request->workload_index = (unsigned)(each[i % KINDS] - each[0]);
        airport_depart(request);
        airport_land_all();
        forms_returned_count = 0;
    }
    captured_log_end();
    tree_python("gc.collect()\n"
                "more = sys.getallocatedblocks() - blocks\n"
                "assert more < 250, more\n");
    airport_close();
}
END_TEST

SUITE("flight", a_coroutine_that_never_suspends_is_over_at_once,
      one_that_suspends_is_answered_when_it_goes_on_and_others_meanwhile,
      numbers_and_bodies_come_as_to_the_blocking_form, it_has_a_current_task_and_timeouts_before_its_first_await,
      each_has_a_context_of_its_own, a_request_has_its_moments_and_its_waits_also_those_while_it_flew,
      flights_leave_no_objects_behind)
