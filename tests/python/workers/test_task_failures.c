/* src/python/workers/task.c with coroutines that fail, or whose answer is no longer wanted. */
#include <string.h>

#include "captured_log.h"
#include "python/task_host.h"
#include "python/tree.h"
#include "suite.h"

/* Expects that a start function with this body fails, at once and after an await, and that the log contains both
 * texts. */
static void expect_failure(const char *name, const char *body, const char *first, const char *second)
{
    static char names[WORKLOADS_MAX][64];
    static unsigned count;
    for (unsigned later = 0; later < 2; later++) {
        char code[512];
        snprintf(names[count], sizeof names[count], "%s_%s", name, later ? "later" : "at_once");
        snprintf(code, sizeof code, "import asyncio, sys\nasync def start():\n    %s\n    %s\n",
                 later ? "await asyncio.sleep(0)" : "pass", body);
        const char *log = task_host_failure(implementation(names[count++], code));
        ck_assert_msg(strstr(log, first) && strstr(log, second), "%s", log);
    }
}

START_TEST(an_exception_is_a_500_with_its_traceback_in_the_log)
{
    task_host_open();
    expect_failure("raises", "raise KeyError('secret')", "failed: Traceback (most recent call last):\n",
                   ".py\", line 4, in start\n    raise KeyError('secret')\nKeyError: 'secret'\n");
    expect_failure("cancels", "raise asyncio.CancelledError('by itself')", "in start\n", "CancelledError: by itself\n");
    task_host_close();
}
END_TEST

START_TEST(one_that_wants_to_end_python_does_not)
{
    task_host_open();
    expect_failure("exits", "sys.exit(3)", "in start\n", "SystemExit: 3\n");
    expect_failure("interrupts", "raise KeyboardInterrupt", "in start\n", "KeyboardInterrupt\n");
    expect_failure("generates", "raise GeneratorExit", "in start\n", "GeneratorExit\n");
    variants_expect(task_host_run(implementation("works", "async def start():\n    return 'a/b', b'works'\n")), 200,
                    "a/b", "works");
    task_host_close();
}
END_TEST

START_TEST(an_answer_that_is_none_is_a_500_that_says_what_is_one)
{
    task_host_open();
    expect_failure("nothing", "return None", "TypeError: a workload returns (content_type: str, body: bytes), not ",
                   "None\n");
    expect_failure("text", "return 'a/b', 'body'", "TypeError: a workload returns ", "('a/b', 'body')\n");
    task_host_close();
}
END_TEST

START_TEST(a_variant_that_makes_no_coroutine_is_a_500)
{
    task_host_open();
    static const char *const wrong[] = {"return 'a/b', b''", "return None", "yield", "raise ValueError('a coroutine')"};
    static char names[sizeof wrong / sizeof wrong[0]][8];
    char code[128];
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(names[i], sizeof names[i], "w%u", i);
        snprintf(code, sizeof code, "def start():\n    %s\n", wrong[i]);
        const char *log = task_host_failure(implementation(names[i], code));
        ck_assert_msg(strstr(log, "a coroutine"), "%s: %s", wrong[i], log);
    }
    /* Any function that returns a coroutine is accepted. */
    variants_expect(task_host_run(implementation("makes", "async def make():\n    return 'a/b', b'made'\n"
                                                          "def start():\n    return make()\n")),
                    200, "a/b", "made");
    task_host_close();
}
END_TEST

START_TEST(an_implementation_without_an_evented_variant_is_a_500_and_one_that_cannot_be_imported_a_501)
{
    task_host_open();
    ck_assert_ptr_nonnull(strstr(task_host_failure(implementation("formless", "def run():\n    pass\n")),
                                 "AttributeError: module 'tandem.workloads.formless' has no attribute 'start'\n"));
    struct workload *needs = implementation("needs", "import no_such_library\n");
    for (unsigned i = 0; i < 2; i++)
        variants_expect(task_host_run(needs), 501, TYPE_JSON,
                        "{\"error\":\"test-model cannot run needs: ModuleNotFoundError: No module named "
                        "'no_such_library'\"}");
    task_host_close();
}
END_TEST

/* A task that waits for ever and records its fate in noted. */
static const char inbox_messages[] = "import asyncio\n"
                                     "noted, tidy = [], asyncio.Event()\n"
                                     "async def start():\n"
                                     "    try:\n"
                                     "        await asyncio.Event().wait()\n"
                                     "    except asyncio.CancelledError:\n"
                                     "        noted.append('cancelled')\n"
                                     "        await tidy.wait()\n"
                                     "        noted.append('tidied up')\n"
                                     "        raise\n";

static void give_up(struct request *request)
{
    request_give_up(request);
    tasks_look_at_clients(&task_host_tasks);
}

/* A task that tidies up is not disturbed, even while other clients leave. */
START_TEST(who_is_not_waited_for_is_cancelled_once_and_tidies_up)
{
    task_host_open();
    struct workload *workload = implementation("notes", inbox_messages);
    struct request *left = implementation_request(workload), *stays = implementation_request(workload);
    task_host_start(left);
    task_host_start(stays);
    task_host_turn();
    captured_log_begin();
    give_up(left);
    for (unsigned i = 0; i < 5; i++) {
        task_host_turn();
        tasks_look_at_clients(&task_host_tasks);
    }
    tree_python("from tandem.workloads import notes\n"
                "assert notes.noted == ['cancelled'], notes.noted\n"
                "notes.tidy.set()\n");
    task_host_turn();
    tree_python("assert notes.noted == ['cancelled', 'tidied up'], notes.noted\n");
    give_up(stays);
    task_host_finish_all();
    ck_assert_str_eq(captured_log_end(), "");
    ck_assert_ptr_eq(variants_returned[0], left);
    ck_assert_ptr_eq(variants_returned[1], stays);
    ck_assert_uint_eq(left->reply.status, 0); /* nobody reads the reply */
    tree_python("assert notes.noted == ['cancelled', 'tidied up'] * 2, notes.noted\n");
    task_host_close();
}
END_TEST

START_TEST(who_does_not_care_about_being_cancelled_comes_back_when_it_is_done)
{
    task_host_open();
    struct request *request =
        implementation_request(implementation("stubborn", "import asyncio\n"
                                                          "go_on = asyncio.Event()\n"
                                                          "async def start():\n"
                                                          "    while not go_on.is_set():\n"
                                                          "        try:\n"
                                                          "            await go_on.wait()\n"
                                                          "        except asyncio.CancelledError:\n"
                                                          "            pass\n"
                                                          "    return 'a/b', b''\n"));
    task_host_start(request);
    task_host_turn();
    give_up(request);
    for (unsigned i = 0; i < 5; i++)
        task_host_turn();
    ck_assert(!LIST_EMPTY(&task_host_tasks.all));
    tree_python("from tandem.workloads import stubborn\nstubborn.go_on.set()\n");
    task_host_finish_all();
    task_host_close();
}
END_TEST

START_TEST(who_was_not_waited_for_before_it_began_does_not_begin)
{
    task_host_open();
    struct request *request = implementation_request(
        implementation("begins", "async def start():\n    raise AssertionError('it has begun')\n"));
    task_host_start(request);
    request_give_up(request);
    captured_log_begin();
    task_host_finish_all();
    ck_assert_str_eq(captured_log_end(), "");
    ck_assert_uint_eq(request->started_ns, 0);
    ck_assert_uint_eq(request->reply.status, 0);
    task_host_close();
}
END_TEST

/* Only the task itself has a reference to the Future that it waits for. */
START_TEST(a_task_that_only_itself_knows_is_not_collected)
{
    task_host_open();
    struct request *request = implementation_request(implementation("notes", inbox_messages));
    task_host_start(request);
    task_host_turn();
    tree_python("from tandem.workloads import notes\n"
                "import gc\ngc.collect()\ngc.collect()\n"
                "notes.tidy.set()\n");
    task_host_turn();
    ck_assert(!LIST_EMPTY(&task_host_tasks.all));
    give_up(request);
    task_host_finish_all();
    tree_python("assert notes.noted == ['cancelled', 'tidied up'], notes.noted\n");
    task_host_close();
}
END_TEST

SUITE("task_failures", an_exception_is_a_500_with_its_traceback_in_the_log, one_that_wants_to_end_python_does_not,
      an_answer_that_is_none_is_a_500_that_says_what_is_one, a_variant_that_makes_no_coroutine_is_a_500,
      an_implementation_without_an_evented_variant_is_a_500_and_one_that_cannot_be_imported_a_501,
      who_is_not_waited_for_is_cancelled_once_and_tidies_up,
      who_does_not_care_about_being_cancelled_comes_back_when_it_is_done,
      who_was_not_waited_for_before_it_began_does_not_begin, a_task_that_only_itself_knows_is_not_collected)
