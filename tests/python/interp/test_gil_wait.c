#include "python/interp/gil_wait.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <uv.h>

#include "base/clock.h"
#include "python/interp/runtime.h"
#include "python/interp/thread.h"
#include "python/tree.h"
#include "suite.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MEASURED = false };
#else
enum { MEASURED = true };
#endif

START_TEST(it_is_measured_but_under_a_sanitizer)
{
    ck_assert_int_eq(gil_wait_measured(), MEASURED);
}
END_TEST

static struct gil_account account;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static bool signalled;

static struct timespec from_now(long ns)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += ns;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return until;
}

/* Waits until the time is up. Returns how long that took. */
static uint64_t wait_in_vain(void)
{
    struct timespec until = from_now(2000000);
    pthread_mutex_lock(&mutex);
    uint64_t begun_ns = clock_ns();
    int status = pthread_cond_timedwait(&cond, &mutex, &until);
    uint64_t took_ns = clock_ns() - begun_ns;
    pthread_mutex_unlock(&mutex);
    ck_assert_int_eq(status, ETIMEDOUT);
    return took_ns;
}

static void signal_it(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    signalled = true;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
}

/* Waits until another thread signals. Returns how often the wait came back without an error. */
static unsigned wait_for_signal(void)
{
    uv_thread_t thread;
    unsigned wakes = 0;
    struct timespec until = from_now(0);
    until.tv_sec += 30;
    pthread_mutex_lock(&mutex);
    signalled = false;
    ck_assert_int_eq(uv_thread_create(&thread, signal_it, NULL), 0);
    while (!signalled) {
        ck_assert_int_eq(pthread_cond_timedwait(&cond, &mutex, &until), 0);
        wakes++;
    }
    pthread_mutex_unlock(&mutex);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    return wakes;
}

static void expect_account(uint64_t waits, uint64_t at_least_ns, uint64_t at_most_ns)
{
    uint64_t wait_ns = counter_read(&account.wait_ns);
    ck_assert_uint_eq(counter_read(&account.waits), MEASURED ? waits : 0);
    ck_assert_uint_ge(wait_ns, MEASURED ? at_least_ns : 0);
    ck_assert_uint_le(wait_ns, MEASURED ? at_most_ns : 0);
}

/* CPython waits in intervals. The time of an interval that runs out counts, but only an interval that ends otherwise
 * counts as a wait. */
START_TEST(the_time_of_every_wait_counts_and_each_one_that_ended)
{
    gil_wait_attach(&account);
    uint64_t vain_ns = wait_in_vain();
    expect_account(0, 1, vain_ns);
    vain_ns += wait_in_vain();
    expect_account(0, 1000000, vain_ns);
    uint64_t begun_ns = clock_ns();
    unsigned wakes = wait_for_signal();
    expect_account(wakes, 1000000, vain_ns + clock_ns() - begun_ns);
    wakes += wait_for_signal();
    expect_account(wakes, 1000000, vain_ns + clock_ns() - begun_ns);
}
END_TEST

START_TEST(an_error_of_the_c_library_comes_through_and_is_no_wait)
{
    struct timespec never = {.tv_sec = 0, .tv_nsec = -1};
    gil_wait_attach(&account);
    pthread_mutex_lock(&mutex);
    ck_assert_int_eq(pthread_cond_timedwait(&cond, &mutex, &never), EINVAL);
    pthread_mutex_unlock(&mutex);
    ck_assert_uint_eq(counter_read(&account.waits), 0);
}
END_TEST

START_TEST(nothing_is_counted_before_the_attachment_and_after_it)
{
    wait_in_vain();
    wait_for_signal();
    expect_account(0, 0, 0);
    gil_wait_attach(&account);
    gil_wait_attach(NULL);
    wait_in_vain();
    wait_for_signal();
    expect_account(0, 0, 0);
}
END_TEST

static void wait_elsewhere(void *other)
{
    if (other)
        gil_wait_attach(other);
    wait_in_vain();
}

START_TEST(a_thread_counts_for_its_own_account_only)
{
    static struct gil_account others;
    void *const attached[] = {NULL, &others};
    gil_wait_attach(&account);
    for (unsigned i = 0; i < 2; i++) {
        uv_thread_t thread;
        ck_assert_int_eq(uv_thread_create(&thread, wait_elsewhere, attached[i]), 0);
        ck_assert_int_eq(uv_thread_join(&thread), 0);
    }
    expect_account(0, 0, 0);
    ck_assert_int_eq(counter_read(&others.wait_ns) > 0, MEASURED);
}
END_TEST

static _Atomic(struct python_thread *) waiter;
static uv_sem_t ended;

static void enter_and_leave(void *unused)
{
    (void)unused;
    struct python_thread *thread = python_thread_new();
    waiter = thread;
    python_enter(thread);
    python_leave(thread);
    uv_sem_wait(&ended);
    python_thread_end(thread);
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

/* The other thread gets the GIL after it has waited through at least one interval. */
START_TEST(a_thread_that_finds_the_gil_taken_records_one_wait)
{
    uv_thread_t thread;
    struct python_thread *holder = open_python();
    uv_sem_init(&ended, 0);
    python_enter(holder);
    uint64_t begun_ns = clock_ns();
    ck_assert_int_eq(uv_thread_create(&thread, enter_and_leave, NULL), 0);
    while (!waiter || (MEASURED && counter_read(&waiter->account.wait_ns) == 0))
        sched_yield();
    ck_assert_uint_eq(counter_read(&waiter->account.waits), 0);
    python_leave(holder);
    while (MEASURED && counter_read(&waiter->account.waits) == 0)
        sched_yield();
    uint64_t took_ns = clock_ns() - begun_ns;
    uv_sem_post(&ended);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    ck_assert_uint_eq(counter_read(&waiter->account.waits), MEASURED ? 1 : 0);
    ck_assert_uint_le(counter_read(&waiter->account.wait_ns), MEASURED ? took_ns : 0);
    ck_assert_uint_eq(counter_read(&holder->account.waits), 0);
    close_python();
}
END_TEST

START_TEST(a_thread_that_finds_the_gil_free_records_none)
{
    struct python_thread *thread = open_python();
    for (unsigned i = 0; i < 1000; i++) {
        python_enter(thread);
        python_leave(thread);
    }
    ck_assert_uint_eq(counter_read(&thread->account.waits), 0);
    ck_assert_uint_eq(counter_read(&thread->account.wait_ns), 0);
    close_python();
}
END_TEST

static void wait_after_the_end(void *unused)
{
    (void)unused;
    struct python_thread *thread = python_thread_new();
    python_thread_end(thread);
    waiter = thread;
    wait_in_vain();
}

START_TEST(an_ended_thread_s_account_is_closed)
{
    uv_thread_t thread;
    struct python_thread *own = open_python();
    python_thread_end(own);
    ck_assert_int_eq(uv_thread_create(&thread, wait_after_the_end, NULL), 0);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    ck_assert_uint_eq(counter_read(&waiter->account.wait_ns), 0);
    close_python();
    wait_in_vain(); /* this thread's account is closed, too: it has been freed */
}
END_TEST

SUITE("gil_wait", it_is_measured_but_under_a_sanitizer, the_time_of_every_wait_counts_and_each_one_that_ended,
      an_error_of_the_c_library_comes_through_and_is_no_wait, nothing_is_counted_before_the_attachment_and_after_it,
      a_thread_counts_for_its_own_account_only, a_thread_that_finds_the_gil_taken_records_one_wait,
      a_thread_that_finds_the_gil_free_records_none, an_ended_thread_s_account_is_closed)
