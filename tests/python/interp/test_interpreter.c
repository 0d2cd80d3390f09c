#include "python/interp/interpreter.h"

#include <dlfcn.h>
#include <string.h>

#include "captured_log.h"
#include "python/interp/runtime.h"
#include "python/members.h"
#include "python/threads.h"
#include "python/tree.h"
#include "suite.h"

enum { PURE = PY_VERSION_HEX < 0x030d0000 };

/* interpreter.c calls this function, because the linker finds it before libpython's. */
static unsigned allowed = 1000;

PyStatus Py_NewInterpreterFromConfig(PyThreadState **state, const PyInterpreterConfig *config)
{
    static PyStatus (*real)(PyThreadState **, const PyInterpreterConfig *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "Py_NewInterpreterFromConfig");
    if (allowed == 0) {
        *state = NULL;
        return PyStatus_Error("none is left");
    }
    allowed--;
    return real(state, config);
}

static atomic_uint inside;

/* Waits for the other threads while holding its GIL. */
static void be_inside(unsigned member, struct python_thread *thread)
{
    (void)member;
    ck_assert_ptr_eq(PyThreadState_Get(), thread->state);
    ck_assert_ptr_ne(PyInterpreterState_Get(), PyInterpreterState_Main());
    uv_barrier_wait(&members_barrier);
    atomic_fetch_add(&inside, 1);
    uv_barrier_wait(&members_barrier);
    ck_assert_uint_eq(atomic_load(&inside), MEMBERS_MAX);
}

START_TEST(all_run_at_once_each_under_a_gil_of_its_own)
{
    members_open();
    members_run(MEMBERS_MAX, be_inside);
    members_close();
}
END_TEST

static void expect_an_interpreter_like_the_main_one(unsigned member, struct python_thread *thread)
{
    (void)member;
    (void)thread;
    tree_python("import sys, tandem, tandem.workloads, threading\n"
                "assert sys.flags.isolated and sys.flags.utf8_mode\n"
                "assert threading.current_thread() is threading.main_thread()\n"
                "assert not hasattr(tandem, 'mark')\n"
                "tandem.mark = 1\n");
    uv_barrier_wait(&members_barrier);
}

START_TEST(each_has_modules_of_its_own)
{
    members_open();
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    tree_python("import tandem\ntandem.mark = 1\n");
    python_leave(thread);
    members_run(4, expect_an_interpreter_like_the_main_one);
    python_thread_end(thread);
    members_close();
}
END_TEST

static void expect_the_thresholds(unsigned member, struct python_thread *thread)
{
    (void)member;
    (void)thread;
    tree_python("import gc\nassert gc.get_threshold() == (54321, 7, 6), gc.get_threshold()\n");
}

START_TEST(each_has_the_thresholds_of_the_garbage_collector)
{
    static const uint64_t gc_threshold[] = {54321, 7, 6};
    tree_open();
    tree_write_packages();
    ck_assert_msg(python_start(NULL, gc_threshold) == ERR_OK, "%s", err_message());
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    expect_the_thresholds(0, thread);
    python_leave(thread);
    members_run(2, expect_the_thresholds);
    python_thread_end(thread);
    members_close();
}
END_TEST

/* Expects that Python code imports the pure variants of the modules in interpreter_fallbacks, or the C ones. */
static void expect_fallbacks(bool pure)
{
    char code[512];
    for (const char *const *name = interpreter_fallbacks; *name; name++) {
        snprintf(code, sizeof code,
                 "import importlib\n"
                 "importlib.import_module('%s')\n"
                 "try:\n    import _%s\n    pure = False\n"
                 "except ImportError:\n    pure = True\n"
                 "assert pure is %s, '%s'\n",
                 *name, *name, pure ? "True" : "False", *name);
        tree_python(code);
    }
}

static void use_dates_and_decimals(unsigned member, struct python_thread *thread)
{
    (void)member;
    (void)thread;
    expect_fallbacks(PURE);
    uv_barrier_wait(&members_barrier);
    tree_python("import datetime, decimal, zoneinfo\n"
                "for i in range(200):\n"
                "    day = datetime.date(2024, 2, 28) + datetime.timedelta(days=2)\n"
                "    assert day.isoformat() == '2024-03-01'\n"
                "    now = datetime.datetime.now(zoneinfo.ZoneInfo('UTC'))\n"
                "    assert datetime.datetime.fromisoformat(now.isoformat()) == now\n"
                "    assert decimal.Decimal('0.1') * 3 == decimal.Decimal('0.3')\n");
}

START_TEST(dates_decimals_and_zones_work_in_all_of_them_at_once)
{
    members_open();
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    expect_fallbacks(false);
    python_leave(thread);
    members_run(MEMBERS_MAX, use_dates_and_decimals);
    python_thread_end(thread);
    members_close();
}
END_TEST

static unsigned visited[MEMBERS_MAX + 1], visited_count;

static void inbox_message_visit(struct interpreter *interpreter, void *context)
{
    ck_assert_ptr_eq(context, visited);
    visited[visited_count++] = interpreter->id;
}

static void visit_all(void)
{
    visited_count = 0;
    interpreter_each(inbox_message_visit, visited);
}

static void visit_while_all_run(unsigned member, struct python_thread *thread)
{
    ck_assert_uint_ge(thread->interpreter->id, 1);
    uv_barrier_wait(&members_barrier);
    if (member == 0)
        visit_all();
    uv_barrier_wait(&members_barrier);
}

START_TEST(those_that_run_are_visited_the_main_one_first_in_the_order_of_their_making)
{
    members_open();
    ck_assert_ptr_eq(interpreter_main(), interpreter_main());
    visit_all();
    ck_assert_uint_eq(visited_count, 1);
    ck_assert_uint_eq(visited[0], 0);
    for (unsigned round = 0; round < 2; round++) {
        members_run(4, visit_while_all_run);
        ck_assert_uint_eq(visited_count, 5);
        ck_assert_uint_eq(visited[0], 0);
        for (unsigned i = 1; i < 5; i++)
            ck_assert_uint_eq(visited[i], round * 4 + i);
    }
    visit_all();
    ck_assert_uint_eq(visited_count, 1);
    members_close();
}
END_TEST

static struct gil_stats gils[6];
static unsigned gil_count;

static void wait_and_read(unsigned member, struct python_thread *thread)
{
    counter_add(&thread->account.waits, thread->interpreter->id * 1000000);
    uv_barrier_wait(&members_barrier);
    if (member == 0)
        gil_count = python_read_gils(gils, 6);
    uv_barrier_wait(&members_barrier);
}

/* Real waits are far fewer than a million. */
START_TEST(each_has_a_gil_in_the_statistics_with_its_own_thread_s_waits)
{
    members_open();
    members_run(4, wait_and_read);
    ck_assert_uint_eq(gil_count, 5);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_uint_eq(gils[i].interpreter, i);
        ck_assert_uint_eq(gils[i].waits / 1000000, i);
    }
    ck_assert_uint_eq(python_read_gils(gils, 6), 1);
    ck_assert_uint_eq(gils[0].waits / 1000000, 0);
    members_close();
}
END_TEST

static void import_much(unsigned member, struct python_thread *thread)
{
    (void)member;
    (void)thread;
    tree_python("import hashlib, json, re, socket, ssl, sqlite3, urllib.request\n"
                "assert hashlib.sha256(b'').hexdigest().startswith('e3b0c44298fc1c14')\n"
                "assert json.loads(json.dumps([1.5])) == [1.5] and re.sub('a+', 'b', 'caat') == 'cbt'\n");
}

/* Some interpreters end while others are made and others import. */
START_TEST(they_come_and_go_side_by_side)
{
    members_open();
    for (unsigned round = 0; round < 3; round++)
        members_run(6, import_much);
    members_close();
}
END_TEST

static char refusal[512];

static void try_to_make_one(void *unused)
{
    (void)unused;
    struct python_thread *thread = python_thread_new();
    struct interpreter *interpreter = NULL;
    PyThreadState *state = NULL;
    python_enter(thread);
    ck_assert_int_eq(interpreter_new(&interpreter, &state), ERR_PYTHON);
    ck_assert_ptr_null(interpreter);
    ck_assert_ptr_eq(PyThreadState_Get(), thread->state);
    ck_assert_ptr_null(PyInterpreterState_Next(PyInterpreterState_Head())); /* only the main one is left */
    ck_assert_ptr_null(PyErr_Occurred());
    python_leave(thread);
    python_thread_end(thread);
    snprintf(refusal, sizeof refusal, "%s", err_message());
}

START_TEST(one_that_python_cannot_make_leaves_the_main_one_as_it_was)
{
    members_open();
    allowed = 0;
    members_run_alone(try_to_make_one, NULL);
    ck_assert_str_eq(refusal, "Python cannot make a subinterpreter: none is left");
    allowed = 1000;
    members_run(2, import_much);
    visit_all();
    ck_assert_uint_eq(visited_count, 1);
    members_close();
}
END_TEST

START_TEST(one_that_cannot_import_what_is_tandem_s_is_ended_again)
{
    tree_open();
    tree_write_packages();
    tree_write("tandem/workloads/__init__.py", "import threading, _xxsubinterpreters as interpreters\n"
                                               "if interpreters.get_current() != interpreters.get_main():\n"
                                               "    raise RuntimeError('not here')\n");
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
    captured_log_begin();
    members_run_alone(try_to_make_one, NULL);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "RuntimeError: not here\n"), "%s", log);
    ck_assert_msg(strstr(refusal, "the Python package tandem.workloads in /") == refusal, "%s", refusal);
    ck_assert_ptr_nonnull(strstr(refusal, " cannot be imported"));
    members_close();
}
END_TEST

/* Here Python itself ends the interpreter, unlike in the test above: site runs the .pth files of a virtual
 * environment. */
START_TEST(one_that_ends_while_it_is_made_leaves_the_main_one_as_it_was)
{
    char venv[600], pth[128];
    tree_open();
    tree_write_packages();
    tree_write("venv/pyvenv.cfg", "home = /usr/bin\n");
    snprintf(pth, sizeof pth, "venv/lib/python%d.%d/site-packages/test.pth", PY_MAJOR_VERSION, PY_MINOR_VERSION);
    tree_write(pth, "import _xxsubinterpreters as i; "
                    "i.get_current() == i.get_main() or exec('raise KeyboardInterrupt')\n");
    snprintf(venv, sizeof venv, "%s/venv", tree_source);
    ck_assert_msg(python_start(venv, NULL) == ERR_OK, "%s", err_message());
    captured_log_begin();
    members_run_alone(try_to_make_one, NULL);
    captured_log_end();
    ck_assert_msg(strstr(refusal, "Python cannot make a subinterpreter: ") == refusal, "%s", refusal);
    members_close();
}
END_TEST

SUITE("interpreter", all_run_at_once_each_under_a_gil_of_its_own, each_has_modules_of_its_own,
      each_has_the_thresholds_of_the_garbage_collector, dates_decimals_and_zones_work_in_all_of_them_at_once,
      those_that_run_are_visited_the_main_one_first_in_the_order_of_their_making,
      each_has_a_gil_in_the_statistics_with_its_own_thread_s_waits, they_come_and_go_side_by_side,
      one_that_python_cannot_make_leaves_the_main_one_as_it_was, one_that_cannot_import_what_is_tandem_s_is_ended_again,
      one_that_ends_while_it_is_made_leaves_the_main_one_as_it_was)
