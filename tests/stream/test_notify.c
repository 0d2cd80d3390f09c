/* The loop notifies a thread without a lock, and the thread ends that safely. */
#include "stream/notify.h"

#include <stdatomic.h>

#include "suite.h"

static struct notify notify;
static uv_mutex_t lock;
static uv_sem_t calls, may_return;
static atomic_bool ended;

static void open_it(void (*on_change)(void *owner))
{
    ck_assert_int_eq(uv_mutex_init(&lock), 0);
    ck_assert_int_eq(uv_sem_init(&calls, 0), 0);
    ck_assert_int_eq(uv_sem_init(&may_return, 0), 0);
    notify_init(&notify);
    notify.on_change = on_change;
}

static void close_it(void)
{
    notify_destroy(&notify);
    uv_mutex_destroy(&lock);
    uv_sem_destroy(&calls);
    uv_sem_destroy(&may_return);
}

static void change(void)
{
    uv_mutex_lock(&lock);
    notify_and_unlock(&notify, &lock, true);
}

static void end(void)
{
    uv_mutex_lock(&lock);
    notify_end(&notify, &lock);
    uv_mutex_unlock(&lock);
}

static void take_the_lock(void *owner)
{
    ck_assert_ptr_eq(owner, &ended);
    ck_assert_int_eq(uv_mutex_trylock(&lock), 0);
    ck_assert(!notify.waits);
    uv_mutex_unlock(&lock);
    uv_sem_post(&calls);
}

START_TEST(the_lock_is_free_while_the_callback_runs)
{
    open_it(take_the_lock);
    notify.owner = &ended;
    notify.waits = true;
    change();
    ck_assert_int_eq(uv_sem_trywait(&calls), 0);
    ck_assert(!notify.calling);
    ck_assert_int_eq(uv_mutex_trylock(&lock), 0);
    uv_mutex_unlock(&lock);
    end();
    close_it();
}
END_TEST

START_TEST(nothing_is_called_after_the_end)
{
    open_it(take_the_lock);
    end();
    notify.waits = true;
    change();
    ck_assert_int_ne(uv_sem_trywait(&calls), 0);
    ck_assert(!notify.waits);
    close_it();
}
END_TEST

static void take_a_while(void *owner)
{
    (void)owner;
    uv_sem_post(&calls);
    uv_sem_wait(&may_return);
    ck_assert(!atomic_load(&ended)); /* its owner is still there */
}

static void change_on_a_loop(void *unused)
{
    (void)unused;
    change();
}

static void end_on_a_thread(void *unused)
{
    (void)unused;
    end();
    atomic_store(&ended, true);
}

/* True once the other thread has set the callback to NULL, as it does before it waits. */
static bool is_ending(void)
{
    uv_mutex_lock(&lock);
    bool ending = !notify.on_change;
    uv_mutex_unlock(&lock);
    return ending;
}

START_TEST(the_end_waits_for_a_callback_that_runs)
{
    uv_thread_t loop, thread;
    open_it(take_a_while);
    for (unsigned round = 0; round < 100; round++) {
        atomic_store(&ended, false);
        notify.on_change = take_a_while;
        ck_assert_int_eq(uv_thread_create(&loop, change_on_a_loop, NULL), 0);
        uv_sem_wait(&calls);
        ck_assert_int_eq(uv_thread_create(&thread, end_on_a_thread, NULL), 0);
        while (!is_ending())
            ;
        uv_sem_post(&may_return);
        ck_assert_int_eq(uv_thread_join(&loop), 0);
        ck_assert_int_eq(uv_thread_join(&thread), 0);
        ck_assert(atomic_load(&ended));
    }
    close_it();
}
END_TEST

SUITE("notify", the_lock_is_free_while_the_callback_runs, nothing_is_called_after_the_end,
      the_end_waits_for_a_callback_that_runs)
