#include "python/interp/gil_probe.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "captured_log.h"
#include "python/interp/runtime.h"
#include "python/interp/thread.h"
#include "python/threads.h"
#include "python/tree.h"
#include "suite.h"

enum { KNOWN = PY_VERSION_HEX >= 0x030c0000 && PY_VERSION_HEX < 0x030e0000 };

static bool threads_refused;

/* libuv calls this pthread_create, because the dynamic linker finds it before the C library's. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return threads_refused ? EAGAIN : real(thread, attributes, function, argument);
}

static struct python_thread *open_python(void)
{
    tree_open();
    tree_write_packages();
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
    return python_thread_new();
}

static void close_python(void)
{
    python_stop();
    tree_close();
}

static double ratio(struct gil_reading reading)
{
    return share_of(reading.held, reading.samples);
}

static struct gil_reading main_reading(void)
{
    return gil_watch_read(&interpreter_main()->gil);
}

static struct gil_reading first_reading(void)
{
    struct gil_reading reading;
    while (!(reading = main_reading()).known)
        sched_yield();
    return reading;
}

START_TEST(before_the_first_sample_nothing_is_known)
{
    ck_assert(!main_reading().known);
    gil_probe_stop();
    ck_assert(!main_reading().known);
}
END_TEST

START_TEST(a_version_with_another_layout_has_no_readings)
{
    if (KNOWN)
        return;
    captured_log_begin();
    open_python();
    ck_assert_ptr_nonnull(strstr(captured_log_end(), PY_VERSION));
    ck_assert(!main_reading().known);
    close_python();
}
END_TEST

/* The probe samples while the GIL is held, so it does not take the GIL. */
START_TEST(the_held_ratio_rises_while_the_gil_is_held_and_falls_while_it_is_free)
{
    if (!KNOWN)
        return;
    struct python_thread *thread = open_python();
    while (ratio(first_reading()) >= 1)
        sched_yield();
    python_enter(thread);
    struct gil_reading held;
    while (ratio(held = main_reading()) <= 0.5)
        sched_yield();
    python_leave(thread);
    while (ratio(main_reading()) >= ratio(held))
        sched_yield();
    close_python();
}
END_TEST

/* Returns a reading that covers everything up to now; the GIL held. While the GIL is held, each sample raises the
 * ratio. A reading that shows one sample has all the results of the previous one. */
static struct gil_reading fresh_reading(void)
{
    struct gil_reading reading;
    double highest = ratio(main_reading());
    for (unsigned samples = 0; samples < 3; samples++) {
        while (ratio(reading = main_reading()) <= highest)
            sched_yield();
        highest = ratio(reading);
    }
    return reading;
}

/* Two threads take the GIL strictly in turn. */
enum { TURNS = 50 };
static uv_sem_t ping, pong;

static void take_turns(void *unused)
{
    (void)unused;
    struct python_thread *thread = python_thread_new();
    for (unsigned i = 0; i < TURNS; i++) {
        uv_sem_wait(&ping);
        python_enter(thread);
        python_leave(thread);
        uv_sem_post(&pong);
    }
    uv_sem_wait(&ping);
    python_thread_end(thread);
}

START_TEST(every_change_of_hands_is_a_switch_and_nothing_else_is)
{
    uv_thread_t other;
    if (!KNOWN)
        return;
    struct python_thread *thread = open_python();
    while (ratio(first_reading()) >= 1)
        sched_yield();
    python_enter(thread);
    uint64_t before = fresh_reading().switches_total;
    python_leave(thread);
    uv_sem_init(&ping, 0);
    uv_sem_init(&pong, 0);
    ck_assert_int_eq(uv_thread_create(&other, take_turns, NULL), 0);
    for (unsigned i = 0; i < TURNS; i++) {
        uv_sem_post(&ping);
        uv_sem_wait(&pong);
        for (unsigned again = 0; again < 3; again++) { /* taking it again is no switch */
            python_enter(thread);
            python_leave(thread);
        }
    }
    python_enter(thread);
    ck_assert_uint_eq(fresh_reading().switches_total, before + 2 * TURNS);
    python_leave(thread);
    uv_sem_post(&ping);
    ck_assert_int_eq(uv_thread_join(&other), 0);
    close_python();
}
END_TEST

START_TEST(after_the_stop_its_thread_is_gone_and_the_readings_stay)
{
    if (!KNOWN)
        return;
    struct python_thread *thread = open_python();
    unsigned before = thread_count();
    first_reading();
    gil_probe_stop();
    expect_threads(before - 1);
    struct gil_reading last = main_reading();
    ck_assert(last.known);
    python_enter(thread);
    python_leave(thread);
    struct gil_reading later = main_reading();
    ck_assert(later.known && later.switches_total == last.switches_total);
    ck_assert_double_eq(ratio(later), ratio(last));
    close_python(); /* stops the probe once more */
    ck_assert(main_reading().known);
}
END_TEST

START_TEST(python_s_readings_are_the_probe_s)
{
    struct gil_stats gil;
    open_python();
    ck_assert_uint_eq(python_read_gils(&gil, 1), 1);
    if (KNOWN)
        first_reading();
    gil_probe_stop();
    ck_assert_uint_eq(python_read_gils(&gil, 1), 1);
    ck_assert_int_eq(gil.holder_known, KNOWN);
    ck_assert_uint_eq(gil.switches, main_reading().switches_total);
    ck_assert_uint_eq(gil.samples, main_reading().samples);
    ck_assert_uint_eq(gil.held, main_reading().held);
    close_python();
}
END_TEST

START_TEST(without_a_thread_to_sample_there_are_no_readings_and_the_log_says_so)
{
    if (!KNOWN)
        return;
    threads_refused = true;
    captured_log_begin();
    open_python();
    const char *log = captured_log_end();
    threads_refused = false;
    ck_assert_msg(strstr(log, " WARN ") && strstr(log, "/stats"), "%s", log);
    ck_assert(!main_reading().known);
    close_python();
}
END_TEST

SUITE("gil_probe", before_the_first_sample_nothing_is_known, a_version_with_another_layout_has_no_readings,
      the_held_ratio_rises_while_the_gil_is_held_and_falls_while_it_is_free,
      every_change_of_hands_is_a_switch_and_nothing_else_is, after_the_stop_its_thread_is_gone_and_the_readings_stay,
      python_s_readings_are_the_probe_s, without_a_thread_to_sample_there_are_no_readings_and_the_log_says_so)
