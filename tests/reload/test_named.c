#include "reload/named.h"

#include <stdio.h>
#include <string.h>

#include "reload/project.h"
#include "suite.h"

static struct {
    struct named *marker, *file;
} watched;

static void on_file(void *owner, const char *path)
{
    project_on_change(owner, strrchr(path, '/') + 1);
}

static void watch(const char *name)
{
    ck_assert_int_eq(named_new(&project_loop, project_path("marker.py"), on_file, NULL, &watched.marker), ERR_OK);
    ck_assert_int_eq(named_new(&project_loop, project_path(name), on_file, NULL, &watched.file), ERR_OK);
}

static void end(void)
{
    named_free(watched.marker);
    named_free(watched.file);
    project_close();
}

START_TEST(the_file_may_come_be_replaced_and_go)
{
    project_open();
    watch("handler.so");
    project_write("other.so", "1");
    project_expect("");
    project_write("handler.so", "1");
    project_expect("handler.so");
    project_rename("other.so", "handler.so");
    project_expect("handler.so");
    project_write("handler.so", "2");
    project_expect("handler.so");
    project_remove("handler.so");
    project_expect("handler.so");
    end();
}
END_TEST

START_TEST(a_directory_may_be_watched_so)
{
    project_open();
    project_make_directory("app");
    watch("app/");
    ck_assert_str_eq(watched.file->path, project_path("app"));
    project_write("app/a.py", "");
    project_expect("");
    project_rename("app", "other");
    project_expect("app");
    end();
}
END_TEST

START_TEST(where_its_directory_is_missing_is_an_error)
{
    struct named *named;
    char message[600];
    project_open();
    ck_assert_int_eq(named_new(&project_loop, project_path("no/handler.so"), on_file, NULL, &named), ERR_SYSTEM);
    snprintf(message, sizeof message, "--reload: cannot watch %s: its directory: No such file or directory",
             project_path("no/handler.so"));
    ck_assert_str_eq(err_message(), message);
    char name[PATH_MAX + 10];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(named_new(&project_loop, name, on_file, NULL, &named), ERR_INVALID);
    project_close();
}
END_TEST

SUITE("named", the_file_may_come_be_replaced_and_go, a_directory_may_be_watched_so,
      where_its_directory_is_missing_is_an_error)
