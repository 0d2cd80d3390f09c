/* src/python/flight.c, where the coroutine is at fault, or its answer is not wanted any more. */
#include <string.h>

#include "airport.h"
#include "captured_log.h"
#include "suite.h"
#include "tree.h"

/* The body of start, which fails as it stands, and again behind an await. The log's lines. */
static void expect_failure(const char *name, const char *body, const char *first, const char *second)
{
    static char names[WORKLOADS_MAX][64];
    static unsigned count;
    for (unsigned later = 0; later < 2; later++) {
        char code[512];
        snprintf(names[count], sizeof names[count], "%s_%s", name, later ? "later" : "at_once");
        snprintf(code, sizeof code, "import asyncio, sys\nasync def start():\n    %s\n    %s\n",
                 later ? "await asyncio.sleep(0)" : "pass", body);
        const char *log = airport_failure(twin(names[count++], code));
        ck_assert_msg(strstr(log, first) && strstr(log, second), "%s", log);
    }
}

START_TEST(an_exception_is_a_500_with_its_traceback_in_the_log)
{
    airport_open();
    expect_failure("raises", "raise KeyError('secret')", "failed: Traceback (most recent call last):\n",
                   ".py\", line 4, in start\n    raise KeyError('secret')\nKeyError: 'secret'\n");
    expect_failure("cancels", "raise asyncio.CancelledError('by itself')", "in start\n", "CancelledError: by itself\n");
    airport_close();
}
END_TEST

START_TEST(one_that_wants_to_end_python_does_not)
{
    airport_open();
    expect_failure("exits", "sys.exit(3)", "in start\n", "SystemExit: 3\n");
    expect_failure("interrupts", "raise KeyboardInterrupt", "in start\n", "KeyboardInterrupt\n");
    expect_failure("generates", "raise GeneratorExit", "in start\n", "GeneratorExit\n");
    forms_expect(airport_fly(twin("works", "async def start():\n    return 'a/b', b'works'\n")), 200, "a/b", "works");
    airport_close();
}
END_TEST

START_TEST(an_answer_that_is_none_is_a_500_that_says_what_is_one)
{
    airport_open();
    expect_failure("nothing", "return None", "TypeError: a workload returns (content_type: str, body: bytes), not ",
                   "None\n");
    expect_failure("text", "return 'a/b', 'body'", "TypeError: a workload returns ", "('a/b', 'body')\n");
    airport_close();
}
END_TEST

START_TEST(a_form_that_makes_no_coroutine_is_a_500)
{
    airport_open();
    static const char *const wrong[] = {"return 'a/b', b''", "return None", "yield", "raise ValueError('a coroutine')"};
    static char names[sizeof wrong / sizeof wrong[0]][8];
    char code[128];
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(names[i], sizeof names[i], "w%u", i);
        snprintf(code, sizeof code, "def start():\n    %s\n", wrong[i]);
        const char *log = airport_failure(twin(names[i], code));
        ck_assert_msg(strstr(log, "a coroutine"), "%s: %s", wrong[i], log);
    }
    /* Whatever makes one will do. */
    forms_expect(airport_fly(twin("makes", "async def make():\n    return 'a/b', b'made'\n"
                                           "def start():\n    return make()\n")),
                 200, "a/b", "made");
    airport_close();
}
END_TEST

START_TEST(a_twin_without_an_evented_form_is_a_500_and_one_that_cannot_be_imported_a_501)
{
    airport_open();
    ck_assert_ptr_nonnull(strstr(airport_failure(twin("formless", "def run():\n    pass\n")),
                                 "AttributeError: module 'tandem.workloads.formless' has no attribute 'start'\n"));
    struct workload *needs = twin("needs", "import no_such_library\n");
    for (unsigned i = 0; i < 2; i++)
        forms_expect(airport_fly(needs), 501, TYPE_JSON,
                     "{\"error\":\"test-model cannot run needs: ModuleNotFoundError: No module named "
                     "'no_such_library'\"}");
    airport_close();
}
END_TEST

/* A flight that waits for ever, and notes what becomes of it. */
static const char notes[] = "import asyncio\n"
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
    flights_look_at_clients(&airport_flights);
}

/* Also while others leave: who tidies up is not disturbed. */
START_TEST(who_is_not_waited_for_is_cancelled_once_and_tidies_up)
{
    airport_open();
    struct workload *workload = twin("notes", notes);
    struct request *left = twin_request(workload), *stays = twin_request(workload);
    airport_depart(left);
    airport_depart(stays);
    airport_turn();
    captured_log_begin();
    give_up(left);
    for (unsigned i = 0; i < 5; i++) {
        airport_turn();
        flights_look_at_clients(&airport_flights);
    }
    tree_python("from tandem.workloads import notes\n"
                "assert notes.noted == ['cancelled'], notes.noted\n"
                "notes.tidy.set()\n");
    airport_turn();
    tree_python("assert notes.noted == ['cancelled', 'tidied up'], notes.noted\n");
    give_up(stays);
    airport_land_all();
    ck_assert_str_eq(captured_log_end(), "");
    ck_assert_ptr_eq(forms_returned[0], left);
    ck_assert_ptr_eq(forms_returned[1], stays);
    ck_assert_uint_eq(left->reply.status, 0); /* nobody reads it */
    tree_python("assert notes.noted == ['cancelled', 'tidied up'] * 2, notes.noted\n");
    airport_close();
}
END_TEST

START_TEST(who_does_not_care_about_being_cancelled_comes_back_when_it_is_done)
{
    airport_open();
    struct request *request = twin_request(twin("stubborn", "import asyncio\n"
                                                            "go_on = asyncio.Event()\n"
                                                            "async def start():\n"
                                                            "    while not go_on.is_set():\n"
                                                            "        try:\n"
                                                            "            await go_on.wait()\n"
                                                            "        except asyncio.CancelledError:\n"
                                                            "            pass\n"
                                                            "    return 'a/b', b''\n"));
    airport_depart(request);
    airport_turn();
    give_up(request);
    for (unsigned i = 0; i < 5; i++)
        airport_turn();
    ck_assert_ptr_nonnull(airport_flights.first);
    tree_python("from tandem.workloads import stubborn\nstubborn.go_on.set()\n");
    airport_land_all();
    airport_close();
}
END_TEST

START_TEST(who_was_not_waited_for_before_it_began_does_not_begin)
{
    airport_open();
    struct request *request =
        twin_request(twin("begins", "async def start():\n    raise AssertionError('it has begun')\n"));
    airport_depart(request);
    request_give_up(request);
    captured_log_begin();
    airport_land_all();
    ck_assert_str_eq(captured_log_end(), "");
    ck_assert_uint_eq(request->started_ns, 0);
    ck_assert_uint_eq(request->reply.status, 0);
    airport_close();
}
END_TEST

/* Nobody else has a reference to what it waits for. */
START_TEST(a_flight_that_only_itself_knows_is_not_collected)
{
    airport_open();
    struct request *request = twin_request(twin("notes", notes));
    airport_depart(request);
    airport_turn();
    tree_python("from tandem.workloads import notes\n"
                "import gc\ngc.collect()\ngc.collect()\n"
                "notes.tidy.set()\n");
    airport_turn();
    ck_assert_ptr_nonnull(airport_flights.first);
    give_up(request);
    airport_land_all();
    tree_python("assert notes.noted == ['cancelled', 'tidied up'], notes.noted\n");
    airport_close();
}
END_TEST

SUITE("flight_failures", an_exception_is_a_500_with_its_traceback_in_the_log, one_that_wants_to_end_python_does_not,
      an_answer_that_is_none_is_a_500_that_says_what_is_one, a_form_that_makes_no_coroutine_is_a_500,
      a_twin_without_an_evented_form_is_a_500_and_one_that_cannot_be_imported_a_501,
      who_is_not_waited_for_is_cancelled_once_and_tidies_up,
      who_does_not_care_about_being_cancelled_comes_back_when_it_is_done,
      who_was_not_waited_for_before_it_began_does_not_begin, a_flight_that_only_itself_knows_is_not_collected)
