#include "python/members.h"

#include "assertions.h"

#include "python/interp/runtime.h"
#include "python/tree.h"

uv_barrier_t members_barrier;
static void (*to_do)(unsigned member, struct python_thread *thread);

void members_open(void)
{
    tree_open();
    tree_write_packages();
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
}

void members_close(void)
{
    python_stop();
    tree_close();
}

static void run(void *member)
{
    struct python_thread *thread = python_thread_new_interpreter();
    ck_assert_msg(thread != NULL, "%s", err_message());
    python_enter(thread);
    to_do((unsigned)(uintptr_t)member, thread);
    python_leave(thread);
    python_thread_end(thread);
}

void members_run(unsigned count, void (*what)(unsigned member, struct python_thread *thread))
{
    uv_thread_t threads[MEMBERS_MAX];
    to_do = what;
    ck_assert_int_eq(uv_barrier_init(&members_barrier, count), 0);
    for (unsigned i = 0; i < count; i++)
        ck_assert_int_eq(uv_thread_create(&threads[i], run, (void *)(uintptr_t)i), 0);
    for (unsigned i = 0; i < count; i++)
        ck_assert_int_eq(uv_thread_join(&threads[i]), 0);
    uv_barrier_destroy(&members_barrier);
}

void members_run_alone(void (*function)(void *), void *argument)
{
    uv_thread_t thread;
    ck_assert_int_eq(uv_thread_create(&thread, function, argument), 0);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
}
