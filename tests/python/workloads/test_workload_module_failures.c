/* src/python/workloads/workload_module.c with faulty Python code. */
#include <jansson.h>
#include <string.h>
#include <uv.h>

#include "captured_log.h"
#include "python/implementations.h"
#include "python/tree.h"
#include "python/workloads/workload_module.h"
#include "suite.h"

/* Expects a 501 with this sentence, which need not be in the log. */
static void expect_refusal(const struct request *request, const char *sentence)
{
    ck_assert_uint_eq(request->reply.status, 501);
    ck_assert_int_eq(request->reply.refusal, REFUSED_UNSUPPORTED);
    ck_assert_str_eq(request->reply.type, TYPE_JSON);
    json_t *body = json_loadb(request->reply.body, request->reply.body_bytes, 0, NULL);
    ck_assert_ptr_nonnull(body);
    ck_assert_str_eq(json_string_value(json_object_get(body, "error")), sentence);
    json_decref(body);
}

START_TEST(an_implementation_that_is_missing_is_a_501)
{
    implementations_open();
    struct workload *workload = implementation("missing", NULL);
    for (unsigned i = 0; i < 3; i++)
        expect_refusal(implementation_call(workload),
                       "test-model cannot run missing: ModuleNotFoundError: No module named "
                       "'tandem.workloads.missing'");
    variants_expect(implementation_call(implementation("other", "def run():\n    return 'a/b', b'works'\n")), 200,
                    "a/b", "works");
    implementations_close();
}
END_TEST

START_TEST(an_implementation_that_cannot_import_what_it_needs_is_a_501_and_is_tried_once)
{
    implementations_open();
    struct workload *workload = implementation("needs", "import tandem\n"
                                                        "tandem.tries = getattr(tandem, 'tries', 0) + 1\n"
                                                        "import no_such_library\n");
    for (unsigned i = 0; i < 3; i++)
        expect_refusal(implementation_call(workload),
                       "test-model cannot run needs: ModuleNotFoundError: No module named 'no_such_library'");
    tree_python("import tandem\nassert tandem.tries == 1\n");
    struct workload *plain = implementation("plain", "raise ImportError('not on this machine')\n");
    expect_refusal(implementation_call(plain), "test-model cannot run plain: ImportError: not on this machine");
    implementations_close();
}
END_TEST

START_TEST(an_implementation_whose_import_raises_anything_else_is_a_500)
{
    implementations_open();
    struct workload *workload = implementation("broken", "\n\nraise ValueError('broken')\n");
    for (unsigned i = 0; i < 2; i++) {
        const char *log = implementation_failure(workload);
        ck_assert_msg(strstr(log, "broken.py\", line 3, in <module>\n") && strstr(log, "\nValueError: broken\n"), "%s",
                      log);
    }
    ck_assert_ptr_nonnull(strstr(implementation_failure(implementation("syntax", "def run(:\n")), "SyntaxError: "));
    ck_assert_ptr_nonnull(
        strstr(implementation_failure(implementation("exits", "import sys\nsys.exit(0)\n")), "SystemExit: 0"));
    implementations_close();
}
END_TEST

START_TEST(an_implementation_without_a_blocking_variant_is_a_500)
{
    implementations_open();
    struct workload *workload = implementation("formless", "async def start():\n    pass\n");
    ck_assert_ptr_nonnull(strstr(implementation_failure(workload),
                                 "AttributeError: module 'tandem.workloads.formless' has no "
                                 "attribute 'run'\n"));
    ck_assert_ptr_nonnull(
        strstr(implementation_failure(implementation("uncallable", "run = 5\n")), "TypeError: 'int' object is not "));
    implementations_close();
}
END_TEST

START_TEST(a_handler_that_raises_is_a_500_with_its_traceback_in_the_log)
{
    implementations_open();
    struct workload *workload = implementation("raises", "calls = []\n"
                                                         "def run():\n"
                                                         "    calls.append(1)\n"
                                                         "    if len(calls) == 1:\n"
                                                         "        raise KeyError('secret')\n"
                                                         "    return 'a/b', b'works'\n");
    const char *log = implementation_failure(workload);
    ck_assert_msg(strstr(log, "failed: Traceback (most recent call last):\n") &&
                      strstr(log, "raises.py\", line 5, in run\n    raise KeyError('secret')\nKeyError: 'secret'\n"),
                  "%s", log);
    variants_expect(implementation_call(workload), 200, "a/b", "works");
    implementations_close();
}
END_TEST

START_TEST(an_import_error_in_the_handler_is_a_500_like_any_other)
{
    implementations_open();
    struct workload *workload = implementation("late", "def run():\n    import no_such_library\n");
    for (unsigned i = 0; i < 2; i++)
        ck_assert_ptr_nonnull(strstr(implementation_failure(workload), "No module named 'no_such_library'"));
    implementations_close();
}
END_TEST

START_TEST(a_handler_that_wants_to_end_python_does_not)
{
    static const char *const raised[] = {"SystemExit", "KeyboardInterrupt", "GeneratorExit", "MemoryError"};
    char code[128];
    implementations_open();
    for (unsigned i = 0; i < sizeof raised / sizeof raised[0]; i++) {
        snprintf(code, sizeof code, "def run():\n    raise %s\n", raised[i]);
        ck_assert_ptr_nonnull(strstr(implementation_failure(implementation(raised[i], code)), raised[i]));
    }
    implementations_close();
}
END_TEST

START_TEST(arguments_that_do_not_fit_are_a_500)
{
    implementations_open();
    struct workload *workload = implementation("narrow", "def run():\n    return 'a/b', b''\n");
    workload->params[0] = (struct param){.name = "n", .min = 0, .max = 10};
    ck_assert_ptr_nonnull(
        strstr(implementation_failure(workload), "TypeError: run() takes 0 positional arguments but 1 was given"));
    implementations_close();
}
END_TEST

START_TEST(an_answer_that_is_none_is_a_500_that_says_what_is_one)
{
    static const char *const wrong[] = {"None",
                                        "b'body'",
                                        "('a/b',)",
                                        "('a/b', b'', b'')",
                                        "('a/b', 'body')",
                                        "(b'a/b', b'')",
                                        "(None, b'body')",
                                        "['a/b', b'body']",
                                        "('a/b', bytearray(b'body'))",
                                        "run",
                                        "()"};
    static char names[sizeof wrong / sizeof wrong[0]][8];
    char code[128];
    implementations_open();
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(names[i], sizeof names[i], "w%u", i);
        snprintf(code, sizeof code, "def run():\n    return %s\n", wrong[i]);
        const char *log = implementation_failure(implementation(names[i], code));
        ck_assert_msg(strstr(log, "TypeError: a workload returns (content_type: str, body: bytes), not "), "%s: %s",
                      wrong[i], log);
    }
    implementations_close();
}
END_TEST

START_TEST(an_answer_that_cannot_even_be_shown_is_a_500)
{
    implementations_open();
    struct workload *workload = implementation("odd", "class Odd:\n"
                                                      "    def __repr__(self): raise RuntimeError('no repr')\n"
                                                      "def run():\n    return Odd()\n");
    ck_assert_ptr_nonnull(strstr(implementation_failure(workload), "RuntimeError: no repr"));
    implementations_close();
}
END_TEST

START_TEST(a_content_type_is_latin_1_or_the_answer_a_500)
{
    implementations_open();
    variants_expect(implementation_call(implementation("latin", "def run():\n    return 'a/\\xff', b'x'\n")), 200,
                    "a/\xff", "x");
    const char *log =
        implementation_failure(implementation("greek", "def run():\n    return 'a/\\u03b1', b'x' * 1000\n"));
    ck_assert_msg(strstr(log, "ValueError: the content type 'a/\xce\xb1' is not latin-1"), "%s", log);
    implementations_close();
}
END_TEST

/* Two threads ask for the same implementation. The first is held up in its import until the second is inside Python. */
static uv_sem_t importing, entered;
static struct request *asked[2];

static PyObject *hold_up(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    uv_sem_post(&importing);
    Py_BEGIN_ALLOW_THREADS uv_sem_wait(&entered);
    Py_END_ALLOW_THREADS Py_RETURN_NONE;
}

static void ask(void *request)
{
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    if (request == asked[1])
        uv_sem_post(&entered);
    blocking_call(thread, request, 1);
    python_leave(thread);
    python_thread_end(thread);
}

static void ask_from_two_threads(const struct workload *workload)
{
    static PyMethodDef definition = {"hold_up", hold_up, METH_NOARGS, NULL};
    uv_thread_t threads[2];
    PyObject *function = PyCFunction_New(&definition, NULL);
    ck_assert_int_eq(PyModule_AddObject(PyImport_AddModule("builtins"), "hold_up", function), 0);
    uv_sem_init(&importing, 0);
    uv_sem_init(&entered, 0);
    for (unsigned i = 0; i < 2; i++)
        asked[i] = implementation_request(workload);
    python_leave(implementations_thread);
    ck_assert_int_eq(uv_thread_create(&threads[0], ask, asked[0]), 0);
    uv_sem_wait(&importing);
    ck_assert_int_eq(uv_thread_create(&threads[1], ask, asked[1]), 0);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(uv_thread_join(&threads[i]), 0);
    python_enter(implementations_thread);
}

START_TEST(two_threads_may_ask_for_a_implementation_first)
{
    implementations_open();
    struct workload *workload = implementation("both", "hold_up()\ndef run():\n    return 'a/b', b'works'\n"
                                                       "def other():\n    pass\n");
    ask_from_two_threads(workload);
    for (unsigned i = 0; i < 2; i++)
        variants_expect(asked[i], 200, "a/b", "works");
    workload_module_unload(implementations_thread->calls);
    tree_python("run = sys.modules['tandem.workloads.both'].run\n"
                "other = sys.modules['tandem.workloads.both'].other\n"
                "assert sys.getrefcount(run) == sys.getrefcount(other)\n");
    implementations_close();
}
END_TEST

START_TEST(two_threads_may_ask_for_a_implementation_that_there_is_not)
{
    implementations_open();
    struct workload *workload = implementation("neither", "import tandem\n"
                                                          "if not hasattr(tandem, 'tried'):\n"
                                                          "    tandem.tried = True\n"
                                                          "    hold_up()\n"
                                                          "raise ImportError('neither')\n");
    captured_log_begin();
    ask_from_two_threads(workload);
    const char *log = captured_log_end();
    ck_assert_str_eq(log, "");
    for (unsigned i = 0; i < 2; i++)
        expect_refusal(asked[i], "test-model cannot run neither: ImportError: neither");
    implementations_close();
}
END_TEST

SUITE("workload_module_failures", an_implementation_that_is_missing_is_a_501,
      an_implementation_that_cannot_import_what_it_needs_is_a_501_and_is_tried_once,
      an_implementation_whose_import_raises_anything_else_is_a_500,
      an_implementation_without_a_blocking_variant_is_a_500,
      a_handler_that_raises_is_a_500_with_its_traceback_in_the_log,
      an_import_error_in_the_handler_is_a_500_like_any_other, a_handler_that_wants_to_end_python_does_not,
      arguments_that_do_not_fit_are_a_500, an_answer_that_is_none_is_a_500_that_says_what_is_one,
      an_answer_that_cannot_even_be_shown_is_a_500, a_content_type_is_latin_1_or_the_answer_a_500,
      two_threads_may_ask_for_a_implementation_first, two_threads_may_ask_for_a_implementation_that_there_is_not)
