#include "python/interp/thread.h"

#include <stdlib.h>
#include <uv.h>

#include "python/interp/runtime.h"
#include "python/tree.h"
#include "suite.h"

static void open_python(void)
{
    tree_open();
    tree_write_packages();
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
}

static void close_python(void)
{
    python_stop();
    tree_close();
}

static void run_on_thread(void (*function)(void *), void *argument)
{
    uv_thread_t thread;
    ck_assert_int_eq(uv_thread_create(&thread, function, argument), 0);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
}

/* Returns the number of thread states of the main interpreter. The GIL held. */
static unsigned states(void)
{
    unsigned count = 0;
    for (PyThreadState *s = PyInterpreterState_ThreadHead(PyInterpreterState_Main()); s; s = PyThreadState_Next(s))
        count++;
    return count;
}

static PyThreadState *seen_state;
static unsigned seen_states;

static void see_state(void *unused)
{
    (void)unused;
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    seen_state = PyThreadState_Get();
    ck_assert_ptr_eq(seen_state, thread->state);
    seen_states = states();
    python_leave(thread);
    /* The thread gets the same state again. */
    python_enter(thread);
    ck_assert_ptr_eq(PyThreadState_Get(), thread->state);
    python_leave(thread);
    python_thread_end(thread);
}

START_TEST(the_main_thread_has_the_interpreters_own_state_and_others_have_one_each)
{
    open_python();
    struct python_thread *thread = python_thread_new();
    run_on_thread(see_state, NULL);
    ck_assert_ptr_ne(seen_state, thread->state);
    ck_assert_uint_eq(seen_states, 2);
    python_enter(thread);
    ck_assert_ptr_eq(PyThreadState_Get(), thread->state);
    ck_assert_uint_eq(states(), 1);
    tree_python("import threading\nassert threading.current_thread() is threading.main_thread()\n");
    python_leave(thread);
    python_thread_end(thread);
    close_python();
}
END_TEST

/* Asks for the GIL as an extension does in a callback. It must get the state that the thread already has, or the
 * thread would wait for itself. */
static void call_back(void *unused)
{
    (void)unused;
    struct python_thread *thread = python_thread_new();
    python_enter(thread);
    PyGILState_STATE before = PyGILState_Ensure();
    ck_assert_ptr_eq(PyThreadState_Get(), thread->state);
    PyGILState_Release(before);
    python_leave(thread);
    python_thread_end(thread);
}

START_TEST(an_extension_that_asks_for_the_gil_gets_the_threads_own)
{
    open_python();
    call_back(NULL);
    run_on_thread(call_back, NULL);
    close_python();
}
END_TEST

enum { THREADS = 8, TURNS = 500 };
static struct python_thread *members[THREADS];
static unsigned inside, turns;
static uv_barrier_t barrier;

static void take_turns(void *own)
{
    uv_barrier_wait(&barrier);
    struct python_thread *thread = python_thread_new();
    *(struct python_thread **)own = thread;
    for (unsigned i = 0; i < TURNS; i++) {
        python_enter(thread);
        if (inside++)
            abort();
        turns++;
        inside--;
        python_leave(thread);
    }
    counter_add(&thread->account.wait_ns, 1000);
    counter_add(&thread->account.waits, 10);
    python_thread_end(thread);
}

static void run_members(void)
{
    uv_thread_t threads[THREADS];
    uv_barrier_init(&barrier, THREADS);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(uv_thread_create(&threads[i], take_turns, &members[i]), 0);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(uv_thread_join(&threads[i]), 0);
    uv_barrier_destroy(&barrier);
}

START_TEST(one_thread_at_a_time_is_inside)
{
    open_python();
    run_members();
    ck_assert_uint_eq(turns, THREADS * TURNS);
    close_python();
}
END_TEST

START_TEST(the_totals_have_every_thread_s_waits_of_those_that_have_ended_too)
{
    struct gil_stats gils[2] = {{.wait_ns = 5, .waits = 5}, {.interpreter = 99}};
    uint64_t wait_ns = 0, waits = 0;
    open_python();
    run_members();
    ck_assert_uint_eq(python_read_gils(gils, 2), 1);
    for (unsigned i = 0; i < THREADS; i++) {
        wait_ns += counter_read(&members[i]->account.wait_ns);
        waits += counter_read(&members[i]->account.waits);
    }
    ck_assert_uint_ge(waits, 10 * THREADS);
    ck_assert_uint_eq(gils[0].wait_ns, wait_ns);
    ck_assert_uint_eq(gils[0].waits, waits);
    ck_assert_uint_eq(gils[0].interpreter, 0);
    ck_assert_int_eq(gils[0].waits_known, gil_wait_measured());
    ck_assert_uint_eq(gils[1].interpreter, 99);
    close_python();
}
END_TEST

enum { GENERATIONS = 500 };

static void come_and_go(void *unused)
{
    (void)unused;
    uv_barrier_wait(&barrier);
    for (unsigned i = 0; i < GENERATIONS; i++) {
        struct python_thread *thread = python_thread_new();
        counter_add(&thread->account.waits, 1000000);
        python_thread_end(thread);
    }
}

START_TEST(none_is_forgotten_where_many_come_at_once)
{
    uv_thread_t threads[THREADS];
    struct gil_stats gil;
    open_python();
    uv_barrier_init(&barrier, THREADS);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(uv_thread_create(&threads[i], come_and_go, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(uv_thread_join(&threads[i]), 0);
    uv_barrier_destroy(&barrier);
    ck_assert_uint_eq(python_read_gils(&gil, 1), 1);
    ck_assert_uint_eq(gil.waits / 1000000, THREADS * GENERATIONS); /* real waits are far fewer than a million */
    close_python();
}
END_TEST

SUITE("thread", the_main_thread_has_the_interpreters_own_state_and_others_have_one_each,
      an_extension_that_asks_for_the_gil_gets_the_threads_own, one_thread_at_a_time_is_inside,
      the_totals_have_every_thread_s_waits_of_those_that_have_ended_too, none_is_forgotten_where_many_come_at_once)
