/* src/python/workers/event_loop.c: tasks that are left over when the event loop ends. */
#include <string.h>

#include "captured_log.h"
#include "python/hosted.h"
#include "python/threads.h"
#include "python/workers/event_loop.h"
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

static unsigned threads_before;

/* Starts the model, calls an implementation's start once, and stops the model. Returns the log's lines of the stop. */
static const char *live_and_stop(const char *code)
{
    hosted_open(&ops);
    threads_before = thread_count();
    hosted_start();
    variants_expect(hosted_call(hosted_implementation("leaves", code), 0), 200, "a/b", "");
    captured_log_begin();
    rig_model.ops->stop(&rig_model);
    const char *log = captured_log_end();
    expect_threads(threads_before);
    return log;
}

START_TEST(a_task_in_the_background_is_cancelled_and_may_tidy_up)
{
    const char *log = live_and_stop("import asyncio\n"
                                    "noted = []\n"
                                    "async def work():\n"
                                    "    try:\n"
                                    "        await asyncio.Event().wait()\n"
                                    "    finally:\n"
                                    "        await asyncio.sleep(0.01)\n"
                                    "        noted.append('tidied up')\n"
                                    "async def start(n):\n"
                                    "    global task\n"
                                    "    task = asyncio.create_task(work())\n"
                                    "    return 'a/b', b''\n");
    ck_assert_str_eq(log, "");
    hosted_python("from tandem.workloads import leaves\n"
                  "assert leaves.noted == ['tidied up'] and leaves.task.cancelled()\n");
    hosted_close(false);
}
END_TEST

START_TEST(so_is_one_that_is_made_meanwhile)
{
    const char *log = live_and_stop("import asyncio\n"
                                    "tasks = set()\n"
                                    "async def work(again):\n"
                                    "    try:\n"
                                    "        await asyncio.Event().wait()\n"
                                    "    finally:\n"
                                    "        if again:\n"
                                    "            tasks.add(asyncio.create_task(work(again - 1)))\n"
                                    "async def start(n):\n"
                                    "    tasks.add(asyncio.create_task(work(3)))\n"
                                    "    await asyncio.sleep(0)\n"
                                    "    return 'a/b', b''\n");
    ck_assert_str_eq(log, "");
    hosted_python("from tandem.workloads import leaves\n"
                  "assert len(leaves.tasks) == 4 and all(task.cancelled() for task in leaves.tasks), leaves.tasks\n");
    hosted_close(false);
}
END_TEST

START_TEST(one_that_fails_or_wants_to_end_python_then_is_seen_in_the_log)
{
    const char *log = live_and_stop("import asyncio\n"
                                    "async def work(error):\n"
                                    "    try:\n"
                                    "        await asyncio.Event().wait()\n"
                                    "    finally:\n"
                                    "        raise error\n"
                                    "async def stop():\n"
                                    "    try:\n"
                                    "        await asyncio.Event().wait()\n"
                                    "    finally:\n"
                                    "        asyncio.get_running_loop().stop()\n"
                                    "        await asyncio.sleep(0)\n"
                                    "async def start(n):\n"
                                    "    loop = asyncio.get_running_loop()\n"
                                    "    loop.tasks = [loop.create_task(stop())]\n"
                                    "    for error in KeyError('why'), SystemExit(3), KeyboardInterrupt():\n"
                                    "        loop.tasks.append(loop.create_task(work(error)))\n"
                                    "    await asyncio.sleep(0)\n"
                                    "    return 'a/b', b''\n");
    ck_assert_msg(strstr(log, " ERROR py-asyncio: the event loop goes on after SystemExit(3)\n"), "%s", log);
    ck_assert_msg(strstr(log, " ERROR py-asyncio: the event loop goes on after KeyboardInterrupt()\n"), "%s", log);
    captured_log_begin();
    hosted_close(false); /* the tasks are freed here */
    log = captured_log_end();
    ck_assert_msg(strstr(log, "\nKeyError: 'why'\n") && strstr(log, "\nSystemExit: 3\n"), "%s", log);
}
END_TEST

START_TEST(a_task_that_outlives_the_loop_may_still_have_something_to_say)
{
    live_and_stop("import asyncio\n"
                  "async def work():\n"
                  "    raise KeyError('long ago')\n"
                  "async def start(n):\n"
                  "    global task\n"
                  "    task = asyncio.create_task(work())\n"
                  "    await asyncio.sleep(0)\n"
                  "    return 'a/b', b''\n");
    captured_log_begin();
    hosted_close(false);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, " ERROR py-asyncio: Task exception was never retrieved\n"), "%s", log);
    ck_assert_msg(strstr(log, "KeyError: 'long ago'\n"), "%s", log);
}
END_TEST

START_TEST(threads_of_to_thread_are_joined)
{
    const char *log = live_and_stop("import asyncio, time\n"
                                    "noted = []\n"
                                    "def work():\n"
                                    "    time.sleep(0.1)\n"
                                    "    noted.append('done')\n"
                                    "async def start(n):\n"
                                    "    asyncio.get_running_loop().run_in_executor(None, work)\n"
                                    "    await asyncio.to_thread(str)\n"
                                    "    return 'a/b', b''\n");
    ck_assert_str_eq(log, "");
    hosted_python("from tandem.workloads import leaves\nassert leaves.noted == ['done'], leaves.noted\n");
    hosted_close(false);
}
END_TEST

START_TEST(asynchronous_generators_are_closed)
{
    const char *log = live_and_stop("noted = []\n"
                                    "async def count():\n"
                                    "    try:\n"
                                    "        yield 1\n"
                                    "    finally:\n"
                                    "        noted.append('closed')\n"
                                    "numbers = count()\n"
                                    "async def start(n):\n"
                                    "    await anext(numbers)\n"
                                    "    return 'a/b', b''\n");
    ck_assert_str_eq(log, "");
    hosted_python("from tandem.workloads import leaves\nassert leaves.noted == ['closed'], leaves.noted\n");
    hosted_close(false);
}
END_TEST

START_TEST(who_cancels_every_task_or_stops_the_loop_ends_nothing)
{
    hosted_open(&ops);
    hosted_start();
    const struct workload *implementation =
        hosted_implementation("wrecks", "import asyncio\n"
                                        "async def start(n):\n"
                                        "    for task in asyncio.all_tasks() - {asyncio.current_task()}:\n"
                                        "        task.cancel()\n"
                                        "    await asyncio.sleep(0)\n"
                                        "    asyncio.get_running_loop().stop()\n"
                                        "    await asyncio.sleep(0)\n"
                                        "    await asyncio.sleep(0)\n"
                                        "    return 'a/b', b''\n");
    captured_log_begin();
    variants_expect(hosted_call(implementation, 0), 200, "a/b", "");
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "the event loop goes on: a handler has cancelled its main Task\n"), "%s", log);
    ck_assert_msg(strstr(log, "the event loop goes on: a handler has stopped it\n"), "%s", log);
    variants_expect(hosted_call(implementation, 0), 200, "a/b", "");
    rig_model.ops->stop(&rig_model);
    hosted_close(false);
}
END_TEST

SUITE("event_loop_end", a_task_in_the_background_is_cancelled_and_may_tidy_up, so_is_one_that_is_made_meanwhile,
      one_that_fails_or_wants_to_end_python_then_is_seen_in_the_log,
      a_task_that_outlives_the_loop_may_still_have_something_to_say, threads_of_to_thread_are_joined,
      asynchronous_generators_are_closed, who_cancels_every_task_or_stops_the_loop_ends_nothing)
