#include "python/workers/task.h"

#include <string.h>

#include "base/clock.h"
#include "captured_log.h"
#include "python/task_host.h"
#include "python/tree.h"
#include "suite.h"

START_TEST(a_coroutine_that_never_suspends_is_over_at_once)
{
    task_host_open();
    struct request *request =
        implementation_request(implementation("quick", "async def start():\n    return 'a/b', b'quick'\n"));
    task_host_start(request);
    tree_python("loop.call_soon(depart)\nloop.call_soon(loop.stop)\nloop.run_forever()\n");
    ck_assert(LIST_EMPTY(&task_host_tasks.all));
    variants_expect(request, 200, "a/b", "quick");
    task_host_finish_all();
    task_host_close();
}
END_TEST

START_TEST(one_that_suspends_is_answered_when_it_goes_on_and_others_meanwhile)
{
    task_host_open();
    struct workload *waits = implementation("waits", "import asyncio\n"
                                                     "go_on = asyncio.Event()\n"
                                                     "async def start():\n"
                                                     "    await go_on.wait()\n"
                                                     "    return 'a/b', b'waited'\n");
    struct workload *frees = implementation("frees", "from tandem.workloads import waits\n"
                                                     "async def start():\n"
                                                     "    waits.go_on.set()\n"
                                                     "    return 'a/b', b'freed'\n");
    struct request *slow[3];
    for (unsigned i = 0; i < 3; i++)
        task_host_start(slow[i] = implementation_request(waits));
    for (unsigned i = 0; i < 5; i++)
        task_host_turn();
    ck_assert_uint_eq(slow[0]->reply.status, 0);
    struct request *quick = task_host_run(frees);
    variants_expect(quick, 200, "a/b", "freed");
    ck_assert_ptr_eq(variants_returned[0], quick);
    for (unsigned i = 0; i < 3; i++)
        variants_expect(slow[i], 200, "a/b", "waited");
    task_host_close();
}
END_TEST

START_TEST(numbers_and_bodies_come_as_to_the_blocking_variant)
{
    task_host_open();
    struct workload *workload =
        implementation("mirror", "async def start(*arguments):\n    return 'a/b', ascii(arguments).encode()\n");
    workload->takes_body = true;
    workload->params[0] = (struct param){.name = "n", .max = 10};
    struct request *request = implementation_request(workload);
    ck_assert_int_eq(request_body_append(request, "x\0\xff", 3), ERR_OK);
    request->params[0] = 7;
    task_host_start(request);
    task_host_finish_all();
    variants_expect(request, 200, "a/b", "(b'x\\x00\\xff', None, 7)");
    task_host_close();
}
END_TEST

START_TEST(it_has_a_current_task_and_timeouts_before_its_first_await)
{
    task_host_open();
    variants_expect(task_host_run(implementation("task", "import asyncio\n"
                                                         "async def start():\n"
                                                         "    task = asyncio.current_task()\n"
                                                         "    assert task in asyncio.all_tasks()\n"
                                                         "    await asyncio.sleep(0)\n"
                                                         "    assert asyncio.current_task() is task\n"
                                                         "    return 'a/b', b'has one'\n")),
                    200, "a/b", "has one");
    variants_expect(task_host_run(implementation("timeout", "import asyncio\n"
                                                            "async def start():\n"
                                                            "    try:\n"
                                                            "        async with asyncio.timeout(0):\n"
                                                            "            await asyncio.Event().wait()\n"
                                                            "    except TimeoutError:\n"
                                                            "        return 'a/b', b'in time'\n")),
                    200, "a/b", "in time");
    tree_python("assert asyncio.current_task(loop) is None and not asyncio.all_tasks(loop)\n");
    task_host_close();
}
END_TEST

START_TEST(each_has_a_context_of_its_own)
{
    task_host_open();
    struct workload *workload = implementation("context", "import asyncio, contextvars\n"
                                                          "mine = contextvars.ContextVar('mine', default='none')\n"
                                                          "async def start():\n"
                                                          "    before = mine.get()\n"
                                                          "    mine.set('set')\n"
                                                          "    await asyncio.sleep(0)\n"
                                                          "    return 'a/b', (before + ' ' + mine.get()).encode()\n");
    struct request *both[2];
    for (unsigned i = 0; i < 2; i++)
        task_host_start(both[i] = implementation_request(workload));
    task_host_finish_all();
    for (unsigned i = 0; i < 2; i++)
        variants_expect(both[i], 200, "a/b", "none set");
    variants_expect(task_host_run(workload), 200, "a/b", "none set");
    task_host_close();
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
    counter_add(&implementations_thread->account.wait_ns, 7000);
}

/* The test itself adds the waits for the GIL to the account, as if the thread had waited. */
START_TEST(a_request_has_its_timestamps_and_its_waits_also_those_while_its_task_ran)
{
    static PyMethodDef definition = {"wait_a_little", call_back, METH_NOARGS, NULL};
    task_host_open();
    while_it_runs = wait_a_little;
    ck_assert_int_eq(
        PyModule_AddObject(PyImport_AddModule("builtins"), "wait_a_little", PyCFunction_New(&definition, NULL)), 0);
    struct workload *workload = implementation("waits", "import asyncio\n"
                                                        "async def start(n):\n"
                                                        "    wait_a_little()\n"
                                                        "    if n:\n"
                                                        "        await asyncio.sleep(0)\n"
                                                        "        wait_a_little()\n"
                                                        "    return 'a/b', b''\n");
    workload->params[0] = (struct param){.name = "n", .max = 1};
    counter_add(&implementations_thread->account.wait_ns, 100000); /* an earlier wait, not this request's */
    for (unsigned suspends = 0; suspends < 2; suspends++) {
        struct request *request = implementation_request(workload);
        request->params[0] = suspends;
        request->gil_ns = 500;
        uint64_t before_ns = clock_ns();
        task_host_start(request);
        task_host_finish_all();
        variants_expect(request, 200, "a/b", "");
        ck_assert_uint_ge(request->started_ns, before_ns);
        ck_assert_uint_ge(request->finished_ns, request->started_ns);
        ck_assert_uint_le(request->finished_ns, clock_ns());
        ck_assert_uint_eq(request->gil_ns, suspends ? 14500 : 7500);
    }
    task_host_close();
}
END_TEST

START_TEST(tasks_leave_no_objects_behind)
{
    task_host_open();
    const struct workload *const each[] = {
        implementation("quick", "async def start():\n    return 'a/b', b'x' * 100\n"),
        implementation(
            "slow", "import asyncio\nasync def start():\n    await asyncio.sleep(0)\n    return 'a/b', b'x' * 100\n"),
        implementation("fails", "async def start():\n    raise KeyError\n"),
        implementation("fails_later",
                       "import asyncio\nasync def start():\n    await asyncio.sleep(0)\n    raise KeyError\n"),
        implementation("wrong", "async def start():\n    return [object()]\n"),
        implementation("no_coroutine", "def start():\n    return 'a/b', b''\n"),
    };
    enum { KINDS = sizeof each / sizeof each[0], ROUNDS = 1000 };
    struct request *request = implementation_request(each[0]);
    captured_log_begin();
    for (unsigned i = 0; i < KINDS * ROUNDS; i++) {
        if (i == KINDS * ROUNDS / 2)
            tree_python("import gc\ngc.collect()\nblocks = sys.getallocatedblocks()\n");
        request->workload = each[i % KINDS];
        request->workload_index = (unsigned)(each[i % KINDS] - each[0]);
        task_host_start(request);
        task_host_finish_all();
        variants_returned_count = 0;
    }
    captured_log_end();
    tree_python("gc.collect()\n"
                "more = sys.getallocatedblocks() - blocks\n"
                "assert more < 250, more\n");
    task_host_close();
}
END_TEST

SUITE("task", a_coroutine_that_never_suspends_is_over_at_once,
      one_that_suspends_is_answered_when_it_goes_on_and_others_meanwhile,
      numbers_and_bodies_come_as_to_the_blocking_variant, it_has_a_current_task_and_timeouts_before_its_first_await,
      each_has_a_context_of_its_own, a_request_has_its_timestamps_and_its_waits_also_those_while_its_task_ran,
      tasks_leave_no_objects_behind)
