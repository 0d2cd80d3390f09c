#include "python/workers/worker_threads.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/stat.h>

#include "captured_log.h"
#include "dispatch/handoff.h"
#include "python/hosted.h"
#include "python/interp/interpreter.h"
#include "python/threads.h"
#include "python/tree.h"
#include "suite.h"
#include "workloads/variants.h"

static enum err start_in_main(struct model *model)
{
    return worker_threads_start(model, THREADS_OF_MAIN);
}

static enum err start_in_subinterpreters(struct model *model)
{
    return worker_threads_start(model, THREADS_OF_SUBINTERPRETERS);
}

static const struct model_ops kinds[] = {
    {.name = "py-threads",
     .start = start_in_main,
     .submit = worker_threads_submit,
     .flush = worker_threads_flush,
     .stop = worker_threads_stop},
    {.name = "py-subinterp",
     .start = start_in_subinterpreters,
     .submit = worker_threads_submit,
     .flush = worker_threads_flush,
     .stop = worker_threads_stop},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], SUBINTERPRETERS = 1, THREADS = 4 };

/* The worker threads call this function, because the linker finds it before libpython's. */
static unsigned interpreters_allowed = 1000;

PyStatus Py_NewInterpreterFromConfig(PyThreadState **state, const PyInterpreterConfig *config)
{
    static PyStatus (*real)(PyThreadState **, const PyInterpreterConfig *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "Py_NewInterpreterFromConfig");
    if (interpreters_allowed == 0) {
        *state = NULL;
        return PyStatus_Error("none is left");
    }
    interpreters_allowed--;
    return real(state, config);
}

static const struct workload *workload;
static unsigned submit_count;

static void submit_some(void)
{
    for (unsigned i = 0; i < submit_count; i++) {
        hosted_submit(workload, i);
        if (i % 5 == 0)
            hosted_flush();
    }
    hosted_flush();
}

static void call_many(const struct workload *wanted, unsigned count)
{
    workload = wanted;
    submit_count = count;
    rig_run(submit_some, rig_returned_count + count);
}

START_TEST(every_request_comes_back_with_an_answer_of_its_own)
{
    for (unsigned threads = 1; threads <= 8; threads *= 2) {
        hosted_open(&kinds[_i]);
        rig_config.threads = threads;
        hosted_start();
        ck_assert_uint_eq(rig_model.threads, threads);
        call_many(hosted_implementation("mirror", "def run(n):\n    return 'a/b', b'%d' % n\n"), 1000);
        unsigned seen = 0;
        for (unsigned i = 0; i < 1000; i++) {
            char body[16];
            snprintf(body, sizeof body, "%u", (unsigned)rig_returned[i]->params[0]);
            variants_expect(rig_returned[i], 200, "a/b", body);
            seen += (unsigned)rig_returned[i]->params[0];
        }
        ck_assert_uint_eq(seen, 1000 * 999 / 2);
        hosted_close(true);
    }
}
END_TEST

/* Returns how often it has been called in its interpreter. Each call is held until all have begun, so that each has
 * its own thread. */
static const char counts[] = "from tandem.events import hold, tell\n"
                             "calls = 0\n"
                             "def run(n):\n"
                             "    global calls\n"
                             "    calls += 1\n"
                             "    tell()\n"
                             "    hold()\n"
                             "    return 'a/b', b'%d' % calls\n";

static void submit_one_for_each(void)
{
    submit_count = THREADS;
    submit_some();
}

static void on_all_inside(void *unused)
{
    (void)unused;
    hosted_wait_told(THREADS);
    hosted_let_go(THREADS);
}

START_TEST(as_many_run_at_once_as_there_are_threads_and_each_has_its_interpreter)
{
    uv_thread_t releaser;
    hosted_open(&kinds[_i]);
    rig_config.threads = THREADS;
    hosted_start();
    workload = hosted_implementation("counts", counts);
    ck_assert_int_eq(uv_thread_create(&releaser, on_all_inside, NULL), 0);
    rig_run(submit_one_for_each, THREADS); /* its watchdog wakes the workers while the first requests hold */
    ck_assert_int_eq(uv_thread_join(&releaser), 0);
    for (unsigned i = 0; i < THREADS; i++)
        variants_expect(rig_returned[i], 200, "a/b", _i == SUBINTERPRETERS ? "1" : "4");
    hosted_close(true);
}
END_TEST

START_TEST(dates_decimals_and_zones_work_in_all_threads)
{
    hosted_open(&kinds[_i]);
    rig_config.threads = THREADS;
    hosted_start();
    call_many(hosted_implementation("dates",
                                    "import datetime, decimal, zoneinfo\n"
                                    "def run(n):\n"
                                    "    day = datetime.datetime(2024, 2, 28, tzinfo=zoneinfo.ZoneInfo('UTC'))\n"
                                    "    day += datetime.timedelta(days=2)\n"
                                    "    return 'a/b', f'{day} {decimal.Decimal('0.1') * 3}'.encode()\n"),
              300);
    for (unsigned i = 0; i < 300; i++)
        variants_expect(rig_returned[i], 200, "a/b", "2024-03-01 00:00:00+00:00 0.3");
    hosted_close(true);
}
END_TEST

START_TEST(what_cannot_be_imported_is_a_501_with_its_reason)
{
    hosted_open(&kinds[_i]);
    hosted_start();
    char body[128];
    snprintf(body, sizeof body, "{\"error\":\"%s cannot run needs: ImportError: not here\"}", kinds[_i].name);
    call_many(hosted_implementation("needs", "raise ImportError('not here')\n"), 20);
    for (unsigned i = 0; i < 20; i++)
        variants_expect(rig_returned[i], 501, TYPE_JSON, body);
    hosted_close(true);
}
END_TEST

START_TEST(handlers_that_fail_or_want_to_end_python_are_500s_and_the_threads_go_on)
{
    hosted_open(&kinds[_i]);
    hosted_start();
    captured_log_begin();
    call_many(hosted_implementation("fails", "import sys\n"
                                             "def run(n):\n"
                                             "    if n % 3 == 0:\n        sys.exit(n)\n"
                                             "    if n % 3 == 1:\n        raise KeyboardInterrupt\n"
                                             "    return 'a/b', b'works'\n"),
              60);
    const char *log = captured_log_end();
    ck_assert_ptr_nonnull(strstr(log, "\nSystemExit: 57\n"));
    for (unsigned i = 0; i < 60; i++)
        if (rig_returned[i]->params[0] % 3 == 2)
            variants_expect(rig_returned[i], 200, "a/b", "works");
        else
            variants_expect_failure(rig_returned[i]);
    hosted_close(true);
}
END_TEST

/* Python joins these threads where their interpreter ends. They write to a file, which outlasts the interpreter. */
START_TEST(threads_and_event_loops_that_handlers_start_are_no_harm)
{
    char path[128], code[512];
    struct stat notes;
    hosted_open(&kinds[_i]);
    rig_config.threads = THREADS;
    unsigned before = thread_count();
    hosted_start();
    snprintf(path, sizeof path, "%s/notes", tree);
    snprintf(code, sizeof code,
             "import asyncio, threading, time\n"
             "def work():\n"
             "    time.sleep(0.05)\n"
             "    with open('%s', 'ab', buffering=0) as notes:\n"
             "        notes.write(b'x')\n"
             "def run(n):\n"
             "    threading.Thread(target=work).start()\n"
             "    asyncio.run(asyncio.sleep(0))\n"
             "    return 'a/b', b''\n",
             path);
    call_many(hosted_implementation("starts", code), 20);
    for (unsigned i = 0; i < 20; i++)
        variants_expect(rig_returned[i], 200, "a/b", "");
    kinds[_i].stop(&rig_model);
    if (_i == SUBINTERPRETERS) {
        expect_threads(before);
        ck_assert_int_eq(stat(path, &notes), 0);
        ck_assert_int_eq(notes.st_size, 20);
    }
    hosted_close(false);
}
END_TEST

static void submit_and_give_up(void)
{
    struct request *first = hosted_submit(workload, 0), *given_up = hosted_submit(workload, 1);
    ck_assert_ptr_ne(first, given_up);
    hosted_flush();
    hosted_wait_told(1); /* the only thread is in the first request's handler */
    request_give_up(given_up);
    hosted_let_go(1);
}

START_TEST(what_is_given_up_before_it_begins_does_not_begin)
{
    hosted_open(&kinds[_i]);
    rig_config.threads = 1;
    hosted_start();
    workload = hosted_implementation("counts", counts);
    rig_run(submit_and_give_up, 2);
    variants_expect(rig_returned[0], 200, "a/b", "1");
    ck_assert_uint_eq(rig_returned[1]->started_ns, 0);
    ck_assert_uint_eq(rig_returned[1]->reply.status, 0);
    hosted_let_go(1);
    variants_expect(hosted_call(workload, 0), 200, "a/b", "2");
    hosted_close(true);
}
END_TEST

START_TEST(an_interpreter_that_cannot_be_made_fails_the_start_and_leaves_nothing)
{
    hosted_open(&kinds[SUBINTERPRETERS]);
    rig_config.threads = THREADS;
    unsigned before = thread_count();
    for (unsigned count = 0; count < THREADS; count++) {
        interpreters_allowed = count;
        ck_assert_int_eq(kinds[SUBINTERPRETERS].start(&rig_model), ERR_PYTHON);
        ck_assert_msg(strstr(err_message(), "--threads 4: thread ") == err_message() &&
                          strstr(err_message(), ": Python cannot make a subinterpreter: none is left"),
                      "%s", err_message());
        expect_threads(before);
        hosted_python("import _xxsubinterpreters as interpreters\n"
                      "assert len(interpreters.list_all()) == 1\n");
    }
    interpreters_allowed = THREADS;
    hosted_start();
    call_many(hosted_implementation("works", "def run(n):\n    return 'a/b', b''\n"), 10);
    hosted_close(true);
}
END_TEST

static Suite *suite(void)
{
    const TTest *const of_each_kind[] = {every_request_comes_back_with_an_answer_of_its_own,
                                         as_many_run_at_once_as_there_are_threads_and_each_has_its_interpreter,
                                         dates_decimals_and_zones_work_in_all_threads,
                                         what_cannot_be_imported_is_a_501_with_its_reason,
                                         handlers_that_fail_or_want_to_end_python_are_500s_and_the_threads_go_on,
                                         threads_and_event_loops_that_handlers_start_are_no_harm,
                                         what_is_given_up_before_it_begins_does_not_begin};
    Suite *made = suite_create("worker_threads");
    TCase *tests = tcase_create("worker_threads");
    tcase_set_timeout(tests, 60);
    for (size_t i = 0; i < sizeof of_each_kind / sizeof of_each_kind[0]; i++)
        tcase_add_loop_test(tests, of_each_kind[i], 0, KINDS);
    tcase_add_test(tests, an_interpreter_that_cannot_be_made_fails_the_start_and_leaves_nothing);
    suite_add_tcase(made, tests);
    return made;
}

SUITE_MAIN(suite)
