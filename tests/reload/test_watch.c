#include "reload/watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reload/project.h"
#include "suite.h"

static struct watch *watch;
static unsigned told;
static char told_name[256];
static bool told_more;

static void on_change(void *owner, const char *name, bool more)
{
    ck_assert_ptr_eq(owner, &told);
    told++;
    snprintf(told_name, sizeof told_name, "%s", name);
    told_more = more;
}

static void open_watch(const char *directory, const char *const files[])
{
    told = 0;
    ck_assert_int_eq(watch_new(&project_loop, directory, files, on_change, &told, &watch), ERR_OK);
}

static void expect(const char *name, bool more)
{
    while (told == 0)
        uv_run(&project_loop, UV_RUN_ONCE);
    ck_assert_uint_eq(told, 1);
    ck_assert_str_eq(told_name, name);
    ck_assert_int_eq(told_more, more);
    told = 0;
}

static const char *const nothing[] = {NULL};

START_TEST(a_burst_is_told_once_by_what_came_first)
{
    char name[32];
    project_open();
    open_watch(project, nothing);
    project_write("a.py", "");
    project_write("a.py", "x");
    expect("a.py", false);
    for (unsigned i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "m%u.py", i);
        project_write(name, "");
    }
    expect("m0.py", true);
    project_write("b.py", "");
    expect("b.py", false);
    watch_free(watch);
    project_close();
}
END_TEST

static void keep_writing(uv_timer_t *timer)
{
    (void)timer;
    project_write("busy.py", "");
}

START_TEST(a_burst_without_end_is_told_all_the_same)
{
    uv_timer_t timer;
    project_open();
    open_watch(project, nothing);
    uv_timer_init(&project_loop, &timer);
    uv_timer_start(&timer, keep_writing, 0, WATCH_QUIET_MS / 10);
    expect("busy.py", false);
    uv_close((uv_handle_t *)&timer, NULL);
    watch_free(watch);
    project_close();
}
END_TEST

START_TEST(other_files_are_watched_by_name_also_without_a_directory)
{
    char file[PATH_MAX];
    project_open();
    snprintf(file, sizeof file, "%s", project_path("handler.so"));
    open_watch(NULL, (const char *const[]){file, NULL});
    project_write("a.py", "");
    project_write("handler.so", "");
    expect(file, false);
    watch_free(watch);
    project_close();
}
END_TEST

START_TEST(the_directory_itself_may_be_replaced)
{
    project_open();
    project_make_directory("app");
    project_write("app/a.py", "");
    open_watch(project_path("app/../app"), nothing);
    project_rename("app", "away");
    expect(project_path("app"), false);
    project_make_directory("app");
    project_write("app/a.py", "");
    expect(project_path("app"), false);
    project_write("app/b.py", "");
    expect("b.py", false);
    watch_free(watch);
    project_close();
}
END_TEST

START_TEST(one_that_is_freed_in_a_burst_tells_nothing)
{
    project_open();
    open_watch(project, nothing);
    project_write("a.py", "");
    uv_run(&project_loop, UV_RUN_ONCE);
    watch_free(watch);
    project_close();
    ck_assert_uint_eq(told, 0);
}
END_TEST

START_TEST(what_cannot_be_watched_is_an_error_that_leaves_nothing)
{
    project_open();
    ck_assert_int_eq(watch_new(&project_loop, project_path("no/app"), nothing, on_change, &told, &watch), ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err_message(), "/no/app: its directory: No such file or directory"));
    const char *const files[] = {"/no/such/handler.so", NULL};
    ck_assert_int_eq(watch_new(&project_loop, project, files, on_change, &told, &watch), ERR_SYSTEM);
    project_close();
}
END_TEST

SUITE("watch", a_burst_is_told_once_by_what_came_first, a_burst_without_end_is_told_all_the_same,
      other_files_are_watched_by_name_also_without_a_directory, the_directory_itself_may_be_replaced,
      one_that_is_freed_in_a_burst_tells_nothing, what_cannot_be_watched_is_an_error_that_leaves_nothing)
