/* The control thread, each time in a process of its own, which signals may end. */
#include "server/control_thread.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/signals.h"
#include "captured_log.h"
#include "reload/reexec.h"
#include "suite.h"

/* What the process has been told, in order: d to drain, D to drain in order to reload, r that a reload was asked for, l
 * that a reload is late, e to end. */
static struct shared {
    atomic_uint count;
    atomic_bool on_main_thread;
    char events[32];
} * shared;

static uv_thread_t main_thread;
static uv_async_t reload;
static uv_sem_t second;

static void note(char event)
{
    uv_thread_t self = uv_thread_self();
    if (uv_thread_equal(&self, &main_thread))
        atomic_store(&shared->on_main_thread, true);
    unsigned count = atomic_load(&shared->count);
    CHECK(count + 1 < sizeof shared->events);
    shared->events[count] = event;
    atomic_store(&shared->count, count + 1);
}

static void on_drain(bool to_reload)
{
    note(to_reload ? 'D' : 'd');
}

static void on_late_reload(void)
{
    note('l');
}

static void every_second(void)
{
    uv_sem_post(&second);
}

static void on_end(void)
{
    note('e');
    uv_close((uv_handle_t *)&reload, NULL);
}

static void on_reload(uv_async_t *async)
{
    CHECK(async == &reload);
    control_thread_reload();
    note('r');
}

static void open_with(uint64_t drain_timeout_ns)
{
    static const struct control_thread_events events = {on_drain, on_late_reload, every_second, on_end};
    main_thread = uv_thread_self();
    CHECK(uv_sem_init(&second, 0) == 0);
    CHECK(control_thread_open(drain_timeout_ns, &events) == ERR_OK);
    CHECK(uv_async_init(control_thread_loop(), &reload, on_reload) == 0);
}

static void start_with(uint64_t drain_timeout_ns)
{
    open_with(drain_timeout_ns);
    CHECK(control_thread_start() == ERR_OK);
}

/* A test's time is over before this. */
static void start(void)
{
    start_with(3600 * NS_PER_S);
}

static void until_told(unsigned count)
{
    while (atomic_load(&shared->count) < count)
        sched_yield();
}

static void ask_reload(void)
{
    CHECK(uv_async_send(&reload) == 0);
}

static void wait_for_the_end(void)
{
    for (;;)
        pause();
}

static const char *log_text;

/* Runs child in a process of its own, which exits with 0 if the child returns. Returns how the process ended. */
static int status_of(void (*child)(void))
{
    int status;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(shared, MAP_FAILED);
    captured_log_begin();
    pid_t pid = fork();
    if (pid == 0) {
        child();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    log_text = captured_log_end();
    return status;
}

/* Expects the child to exit with this status, after it was told of these events on the control thread. */
static void expect_exit(void (*child)(void), int exit_status, const char *events)
{
    int status = status_of(child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == exit_status, "%x: %s", (unsigned)status, log_text);
    ck_assert_str_eq(shared->events, events);
    ck_assert(!atomic_load(&shared->on_main_thread));
}

static void expect_logged(const char *line)
{
    ck_assert_msg(strstr(log_text, line), "no '%s' in: %s", line, log_text);
}

static const int ending[] = {SIGTERM, SIGINT};
static int first;

static void drain_by_signal(void)
{
    start();
    raise(first);
    until_told(1);
    control_thread_stop();
}

START_TEST(a_signal_makes_the_server_drain)
{
    first = ending[_i];
    expect_exit(drain_by_signal, 0, "de");
    expect_logged(first == SIGTERM ? "SIGTERM: draining, for at most 3600000 ms"
                                   : "SIGINT: draining, for at most 3600000 ms");
}
END_TEST

static void send_a_second_signal(void)
{
    start();
    raise(first);
    until_told(1);
    raise(first == SIGTERM ? SIGINT : SIGTERM);
    wait_for_the_end();
}

START_TEST(a_second_signal_ends_the_process)
{
    first = ending[_i];
    expect_exit(send_a_second_signal, 1, "d");
    expect_logged(first == SIGTERM ? "a second SIGINT: exiting at once" : "a second SIGTERM: exiting at once");
}
END_TEST

static void send_signals_at_the_end(void)
{
    drain_by_signal();
    raise(SIGTERM);
    raise(SIGINT);
}

START_TEST(after_the_stop_signals_are_ignored)
{
    first = SIGTERM;
    expect_exit(send_signals_at_the_end, 0, "de");
}
END_TEST

static void start_with_a_signal_blocked(void)
{
    signals_mask(SIG_BLOCK);
    raise(SIGTERM);
    start();
    until_told(1);
    control_thread_stop();
}

START_TEST(a_signal_that_was_blocked_until_the_start_counts)
{
    expect_exit(start_with_a_signal_blocked, 0, "de");
}
END_TEST

static void drain_for_too_long(void)
{
    start_with(NS_PER_MS);
    raise(SIGTERM);
    wait_for_the_end();
}

START_TEST(a_drain_that_takes_too_long_ends_the_process)
{
    expect_exit(drain_for_too_long, 1, "d");
    expect_logged("not drained within --drain-timeout (1 ms): a handler has not returned");
}
END_TEST

static void reload_twice(void)
{
    start();
    CHECK(!control_thread_reloads());
    ask_reload();
    until_told(2);
    CHECK(control_thread_reloads());
    ask_reload();
    until_told(3);
    control_thread_stop();
    CHECK(control_thread_reloads());
}

START_TEST(a_reload_drains_once_and_leaves_the_loop_as_it_is)
{
    expect_exit(reload_twice, 0, "Drr");
}
END_TEST

static void reload_and_end(void)
{
    reload_twice();
    raise(first);
    _exit(9);
}

START_TEST(a_signal_between_the_stop_and_the_new_start_ends_the_process)
{
    first = ending[_i];
    expect_exit(reload_and_end, 0, "Drr");
}
END_TEST

static void cancel_a_reload(void)
{
    start();
    ask_reload();
    until_told(2);
    raise(SIGTERM);
    until_told(3);
    CHECK(!control_thread_reloads());
    control_thread_stop();
    CHECK(!control_thread_reloads());
}

START_TEST(a_signal_cancels_a_reload)
{
    expect_exit(cancel_a_reload, 0, "Drde");
}
END_TEST

/* The signal is in libuv's pipe when the control thread is told of the end. */
static void cancel_a_reload_late(void)
{
    start();
    ask_reload();
    until_told(2);
    raise(SIGTERM);
    control_thread_stop();
    CHECK(!control_thread_reloads());
}

START_TEST(a_signal_is_not_lost_just_before_a_reload)
{
    expect_exit(cancel_a_reload_late, 0, "Drde");
}
END_TEST

static void reload_in_a_drain(void)
{
    start();
    raise(SIGTERM);
    until_told(1);
    ask_reload();
    until_told(2);
    CHECK(!control_thread_reloads());
    control_thread_stop();
}

START_TEST(there_is_no_reload_in_a_drain)
{
    expect_exit(reload_in_a_drain, 0, "dre");
}
END_TEST

static void reload_for_too_long(void)
{
    start_with(NS_PER_MS);
    ask_reload();
    wait_for_the_end();
}

START_TEST(a_reload_that_takes_too_long_does_not_wait_for_the_drain)
{
    expect_exit(reload_for_too_long, 1, "Drl");
    expect_logged("reload: not drained within --drain-timeout (1 ms)");
}
END_TEST

static void stay_two_seconds(void)
{
    start();
    uv_sem_wait(&second);
    uv_sem_wait(&second);
    control_thread_stop();
}

START_TEST(the_work_of_every_second_is_done_again_and_again)
{
    expect_exit(stay_two_seconds, 0, "e");
}
END_TEST

static void never_start(void)
{
    open_with(NS_PER_S);
    control_thread_stop();
}

START_TEST(a_thread_that_never_started_is_stopped_on_the_main_thread)
{
    int status = status_of(never_start);
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(shared->events, "e");
    ck_assert(atomic_load(&shared->on_main_thread));
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("control_thread");
    TCase *all = tcase_create("control_thread");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, a_signal_makes_the_server_drain, 0, 2);
    tcase_add_loop_test(all, a_second_signal_ends_the_process, 0, 2);
    tcase_add_test(all, after_the_stop_signals_are_ignored);
    tcase_add_test(all, a_signal_that_was_blocked_until_the_start_counts);
    tcase_add_test(all, a_drain_that_takes_too_long_ends_the_process);
    tcase_add_test(all, a_reload_drains_once_and_leaves_the_loop_as_it_is);
    tcase_add_loop_test(all, a_signal_between_the_stop_and_the_new_start_ends_the_process, 0, 2);
    tcase_add_test(all, a_signal_cancels_a_reload);
    tcase_add_test(all, a_signal_is_not_lost_just_before_a_reload);
    tcase_add_test(all, there_is_no_reload_in_a_drain);
    tcase_add_test(all, a_reload_that_takes_too_long_does_not_wait_for_the_drain);
    tcase_add_test(all, the_work_of_every_second_is_done_again_and_again);
    tcase_add_test(all, a_thread_that_never_started_is_stopped_on_the_main_thread);
    suite_add_tcase(made, all);
    return made;
}

SUITE_MAIN(suite)
