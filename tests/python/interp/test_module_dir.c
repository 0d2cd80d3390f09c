#include "python/interp/module_dir.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build_paths.h"
#include "python/tree.h"
#include "suite.h"

static bool build_tree_hidden;

int access(const char *path, int mode)
{
    static int (*real)(const char *, int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "access");
    if (build_tree_hidden && strncmp(path, BUILD_PYTHON_SOURCE, strlen(BUILD_PYTHON_SOURCE)) == 0) {
        errno = ENOENT;
        return -1;
    }
    return real(path, mode);
}

static char found[PATHS_MAX];

static void expect_found(const char *directory)
{
    char real_name[PATHS_MAX];
    ck_assert_ptr_nonnull(realpath(directory, real_name));
    ck_assert_msg(module_dir_find(found) == ERR_OK, "%s", err_message());
    ck_assert_str_eq(found, real_name);
}

START_TEST(it_is_where_this_executable_is_installed)
{
    tree_open();
    tree_write("tandem/__init__.py", "");
    expect_found(tree_source);
    ck_assert_ptr_null(strstr(found, ".."));
    tree_close();
}
END_TEST

START_TEST(the_prefix_may_be_a_link)
{
    char alias[128], linked_program[256];
    tree_open();
    tree_write("tandem/__init__.py", "");
    snprintf(alias, sizeof alias, "%s/alias", tree);
    ck_assert_int_eq(symlink(tree, alias), 0);
    snprintf(linked_program, sizeof linked_program, "%s/bin/tandem", alias);
    tree_program = linked_program;
    expect_found(tree_source);
    tree_close();
}
END_TEST

START_TEST(of_a_build_it_is_in_the_source_tree)
{
    tree_open();
    expect_found(BUILD_PYTHON_SOURCE);
    tree_write("not-tandem/__init__.py", "");
    tree_write("tandem/something.py", "");
    expect_found(BUILD_PYTHON_SOURCE);
    tree_close();
}
END_TEST

/* Expects a failure whose message names both places, and which leaves the path unchanged. */
static void expect_nowhere(const char *first, const char *second)
{
    strcpy(found, "untouched");
    ck_assert_int_eq(module_dir_find(found), ERR_SYSTEM);
    ck_assert_msg(strstr(err_message(), first) && strstr(err_message(), second), "%s", err_message());
    ck_assert_str_eq(found, "untouched");
}

START_TEST(where_it_is_nowhere_the_places_are_listed)
{
    tree_open();
    build_tree_hidden = true;
    expect_nowhere(tree_source, BUILD_PYTHON_SOURCE);
    tree_close();
}
END_TEST

START_TEST(who_does_not_know_where_it_is_says_so)
{
    tree_program = NULL;
    expect_nowhere("/proc/self/exe", "cannot");
}
END_TEST

START_TEST(an_executable_far_down_or_at_the_root_is_no_harm)
{
    static char far_down[2 * PATHS_MAX];
    tree_open();
    for (unsigned i = 0; i < sizeof far_down - 1; i++)
        far_down[i] = i % 100 ? 'd' : '/';
    tree_program = far_down;
    expect_found(BUILD_PYTHON_SOURCE);
    tree_program = "/tandem";
    expect_found(BUILD_PYTHON_SOURCE);
    tree_close();
}
END_TEST

SUITE("module_dir", it_is_where_this_executable_is_installed, the_prefix_may_be_a_link,
      of_a_build_it_is_in_the_source_tree, where_it_is_nowhere_the_places_are_listed,
      who_does_not_know_where_it_is_says_so, an_executable_far_down_or_at_the_root_is_no_harm)
