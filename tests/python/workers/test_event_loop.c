#include "python/workers/event_loop.h"

#include <string.h>

#include "base/histogram_sum.h"
#include "captured_log.h"
#include "python/hosted.h"
#include "python/threads.h"
#include "python/tree.h"
#include "suite.h"
#include "workloads/variants.h"

static const struct model_ops ops = {
    .name = "py-asyncio",
    .start = event_loop_start,
    .submit = event_loop_submit,
    .flush = event_loop_flush,
    .cancel = event_loop_look_at_clients,
    .stop = event_loop_stop,
};

static const struct workload *mirror, *works;

static void open_loop(void)
{
    hosted_open(&ops);
    mirror = hosted_implementation("mirror", "import asyncio\n"
                                             "async def start(n):\n"
                                             "    if n % 3 == 1:\n"
                                             "        await asyncio.sleep(0)\n"
                                             "    if n % 3 == 2:\n"
                                             "        await asyncio.to_thread(str)\n"
                                             "    return 'a/b', b'%d' % n\n");
    works = hosted_implementation("works", "async def start(n):\n    return 'a/b', b'works'\n");
    hosted_start();
}

static void expect_it_works(void)
{
    variants_expect(hosted_call(works, 0), 200, "a/b", "works");
}

static void submit_batches(void)
{
    for (unsigned i = 0; i < 3000; i++) {
        hosted_submit(mirror, i);
        if (i % 7 == 0)
            hosted_flush();
    }
    hosted_flush();
}

START_TEST(every_request_comes_back_however_they_are_batched)
{
    static bool seen[3000];
    open_loop();
    rig_run(submit_batches, 3000);
    for (unsigned i = 0; i < 3000; i++) {
        const struct request *request = rig_returned[i];
        char body[16];
        snprintf(body, sizeof body, "%u", (unsigned)request->params[0]);
        variants_expect(request, 200, "a/b", body);
        ck_assert(!seen[request->params[0]]);
        seen[request->params[0]] = true;
    }
    ck_assert_uint_eq(atomic_load(&rig_model.queue_length), 0);
    hosted_close(true);
}
END_TEST

START_TEST(stats_may_see_its_loop_while_it_runs)
{
    open_loop();
    const struct workload *waits = hosted_implementation("waits", "import asyncio\n"
                                                                  "async def start(n):\n"
                                                                  "    await asyncio.sleep(0.03)\n"
                                                                  "    return 'a/b', b''\n");
    ck_assert_uint_eq(rig_model.threads, 1);
    ck_assert_ptr_nonnull(atomic_load(&rig_model.own_loop.implementation));
    ck_assert_ptr_nonnull(strstr("asyncio uvloop", rig_model.own_loop.implementation));
    hosted_call(waits, 0);
    struct timespec on_a_core;
    ck_assert_int_eq(clock_gettime(rig_model.own_loop.cpu_clock, &on_a_core), 0);
    struct histogram_sum delays = {0};
    ck_assert_int_eq(histogram_sum_read(&delays, &rig_model.own_loop.delay), ERR_OK);
    ck_assert_uint_ge(delays.count, 2); /* sampled every 10 ms */
    histogram_sum_free(&delays);
    ck_assert_uint_gt(rig_model.own_loop.started_ns, 0);
    hosted_close(true);
    ck_assert_ptr_null(atomic_load(&rig_model.own_loop.implementation));
}
END_TEST

/* asyncio also raises these two through the event loop. */
START_TEST(who_wants_to_end_the_loop_does_not)
{
    static const char *const wanted[] = {
        "sys.exit(3)", "raise KeyboardInterrupt", "await asyncio.sleep(0); sys.exit(3)",
        "await asyncio.sleep(0); raise KeyboardInterrupt", "await asyncio.create_task(sub())"};
    static char names[sizeof wanted / sizeof wanted[0]][8];
    char code[256];
    open_loop();
    for (unsigned i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        snprintf(names[i], sizeof names[i], "w%u", i);
        snprintf(code, sizeof code,
                 "import asyncio, sys\nasync def sub():\n    sys.exit(3)\nasync def start(n):\n    %s\n", wanted[i]);
        captured_log_begin();
        variants_expect_failure(hosted_call(hosted_implementation(names[i], code), 0));
        expect_it_works();
        const char *log = captured_log_end();
        ck_assert_msg(strstr(log, " in py-asyncio failed: Traceback "), "%s: %s", wanted[i], log);
    }
    hosted_close(true);
}
END_TEST

START_TEST(who_stops_the_loop_does_not_stop_the_service)
{
    open_loop();
    const struct workload *stops = hosted_implementation("stops", "import asyncio\n"
                                                                  "async def start(n):\n"
                                                                  "    asyncio.get_running_loop().stop()\n"
                                                                  "    await asyncio.sleep(0.01)\n"
                                                                  "    return 'a/b', b'stopped'\n");
    for (unsigned i = 0; i < 3; i++)
        variants_expect(hosted_call(stops, 0), 200, "a/b", "stopped");
    expect_it_works();
    hosted_close(true);
}
END_TEST

START_TEST(what_nobody_retrieves_goes_to_the_log_and_not_to_stderr_beside_it)
{
    open_loop();
    const struct workload *leaves =
        hosted_implementation("leaves", "import asyncio, gc\n"
                                        "async def fail():\n"
                                        "    raise KeyError('\\udc80')\n"
                                        "async def start(n):\n"
                                        "    task = asyncio.create_task(fail(), name='the task')\n"
                                        "    await asyncio.sleep(0)\n"
                                        "    await asyncio.sleep(0)\n"
                                        "    del task\n"
                                        "    gc.collect()\n"
                                        "    return 'a/b', b''\n");
    captured_log_begin();
    variants_expect(hosted_call(leaves, 0), 200, "a/b", "");
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, " ERROR py-asyncio: Task exception was never retrieved\n"), "%s", log);
    ck_assert_msg(strstr(log, "name='the task'") && strstr(log, "in fail\n    raise KeyError("), "%s", log);
    ck_assert_msg(strstr(strstr(log, " ERROR ") + 1, " ERROR ") == NULL, "%s", log);
    hosted_close(true);
}
END_TEST

START_TEST(a_callback_that_fails_is_seen_in_the_log)
{
    open_loop();
    const struct workload *calls = hosted_implementation("calls", "import asyncio, sys\n"
                                                                  "async def start(n):\n"
                                                                  "    loop = asyncio.get_running_loop()\n"
                                                                  "    loop.call_soon(int, 'x')\n"
                                                                  "    loop.call_soon(sys.exit, 'now')\n"
                                                                  "    await asyncio.sleep(0.01)\n"
                                                                  "    return 'a/b', b''\n");
    captured_log_begin();
    variants_expect(hosted_call(calls, 0), 200, "a/b", "");
    expect_it_works();
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "ValueError: invalid literal for int() with base 10: 'x'"), "%s", log);
    ck_assert_msg(strstr(log, " ERROR py-asyncio: the event loop goes on after SystemExit('now')\n"), "%s", log);
    hosted_close(true);
}
END_TEST

enum { LEAVING = 10000 };
static struct request *leaving[LEAVING];
static const struct workload *stays;

static void submit_all(void)
{
    for (unsigned i = 0; i < LEAVING; i++)
        leaving[i] = hosted_submit(stays, 0);
    leaving[0]->params[0] = 1; /* the first and the last call tell(): then all have begun */
    struct request *last = hosted_submit(stays, 1);
    hosted_flush();
    hosted_wait_told(2);
    for (unsigned i = 0; i <= LEAVING; i++) {
        struct request *request = i < LEAVING ? leaving[i] : last;
        request_give_up(request);
        rig_model.ops->cancel(&rig_model, request);
    }
}

START_TEST(ten_thousand_in_the_air_may_all_leave_at_once)
{
    open_loop();
    stays = hosted_implementation("stays", "import asyncio\n"
                                           "from tandem.events import tell\n"
                                           "async def start(n):\n"
                                           "    if n:\n"
                                           "        tell()\n"
                                           "    await asyncio.Event().wait()\n");
    captured_log_begin();
    rig_run(submit_all, LEAVING + 1);
    ck_assert_str_eq(captured_log_end(), "");
    expect_it_works();
    hosted_python("import asyncio, gc\n"
                  "gc.collect()\n"
                  "tasks = [one for one in gc.get_objects() if isinstance(one, asyncio.Task)]\n"
                  "assert [task.get_name() for task in tasks] == ['main'], tasks\n");
    hosted_close(true);
}
END_TEST

static unsigned threads_before;

static void expect_start_fails(const char *sentence)
{
    ck_assert_int_eq(rig_model.ops->start(&rig_model), ERR_PYTHON);
    ck_assert_str_eq(err_message(), sentence);
    ck_assert_ptr_null(atomic_load(&rig_model.own_loop.implementation));
    expect_threads(threads_before);
}

START_TEST(a_loop_that_cannot_be_made_fails_the_start_names_the_option_and_leaves_no_thread)
{
    hosted_open(&ops);
    threads_before = thread_count();
    hosted_python("import sys\nsys.modules['uvloop'] = None\n");
    rig_config.asyncio_loop = ASYNCIO_UVLOOP;
    expect_start_fails(
        "--asyncio-loop uvloop: ImportError: import of uvloop halted; None in sys.modules; --venv DIR adds "
        "the packages of a virtual environment");
    rig_config.asyncio_loop = ASYNCIO_AUTO;
    hosted_start();
    ck_assert_str_eq(rig_model.own_loop.implementation, "asyncio");
    rig_model.ops->stop(&rig_model);
    tree_write("tandem/asyncio_loop.py", "raise ImportError('not today')\n");
    hosted_python("import sys\ndel sys.modules['tandem.asyncio_loop']\nsys.dont_write_bytecode = True\n");
    rig_config.asyncio_loop = ASYNCIO_ASYNCIO;
    expect_start_fails("--asyncio-loop asyncio: ImportError: not today");
    hosted_close(false);
}
END_TEST

SUITE("event_loop", every_request_comes_back_however_they_are_batched, stats_may_see_its_loop_while_it_runs,
      who_wants_to_end_the_loop_does_not, who_stops_the_loop_does_not_stop_the_service,
      what_nobody_retrieves_goes_to_the_log_and_not_to_stderr_beside_it, a_callback_that_fails_is_seen_in_the_log,
      ten_thousand_in_the_air_may_all_leave_at_once,
      a_loop_that_cannot_be_made_fails_the_start_names_the_option_and_leaves_no_thread)
