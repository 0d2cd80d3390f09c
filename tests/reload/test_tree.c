#include "reload/tree.h"

#include <string.h>
#include <unistd.h>

#include "captured_log.h"
#include "reload/project.h"
#include "reload/sources.h"
#include "suite.h"

static struct tree tree;

static void watch(unsigned directories_max)
{
    ck_assert_int_eq(tree_open(&tree, &project_loop, project, directories_max, project_on_change, NULL), ERR_OK);
}

static void end(void)
{
    tree_close(&tree);
    ck_assert_uint_eq(tree.count, 0);
    project_close();
}

START_TEST(a_file_that_comes_changes_or_goes_is_told)
{
    project_open();
    project_write("old.py", "");
    watch(10);
    project_expect("");
    project_write("new.py", "");
    project_expect("new.py");
    project_write("old.py", "x = 1");
    project_expect("old.py");
    project_rename("old.py", "renamed.py");
    project_expect("old.py renamed.py");
    project_remove("new.py");
    project_expect("new.py");
    end();
}
END_TEST

START_TEST(what_an_editor_writes_beside_and_renames_is_told)
{
    project_open();
    project_write("app.py", "");
    watch(10);
    project_write(".app.py.swp", "x");
    project_write("app.py~", "x");
    project_write("4913", "x");
    project_expect("");
    project_rename("4913", "app.py");
    project_expect("app.py");
    end();
}
END_TEST

START_TEST(directories_below_are_watched_also_those_that_come)
{
    project_open();
    project_make_directory("pkg");
    project_make_directory("pkg/sub");
    watch(10);
    project_write("pkg/sub/a.py", "");
    project_write("pkg/b.py", "");
    project_expect("pkg/sub/a.py pkg/b.py");

    project_make_directory("late");
    project_expect("");
    project_make_directory("late/sub");
    project_expect("");
    project_write("late/sub/c.py", "");
    project_expect("late/sub/c.py");

    /* Changes from before a new directory was watched are reported as the directory. */
    project_make_directory("whole");
    project_make_directory("whole/sub");
    project_write("whole/sub/d.py", "");
    project_expect("whole");
    project_write("whole/sub/d.py", "x");
    project_expect("whole/sub/d.py");
    end();
}
END_TEST

START_TEST(directories_that_go_are_let_go_of)
{
    project_open();
    project_make_directory("pkg");
    project_make_directory("pkg/sub");
    project_make_directory("empty");
    project_write("pkg/sub/a.py", "");
    watch(10);
    ck_assert_uint_eq(tree.count, 4);
    project_remove("empty");
    project_expect("");
    ck_assert_uint_eq(tree.count, 3);
    project_remove("pkg/sub/a.py");
    project_remove("pkg/sub");
    project_expect("pkg/sub/a.py pkg/sub");
    project_remove("pkg");
    project_expect("");
    ck_assert_uint_eq(tree.count, 1);
    end();
}
END_TEST

START_TEST(a_directory_that_is_renamed_is_told_and_watched_by_its_new_name)
{
    project_open();
    project_make_directory("pkg");
    project_make_directory("pkg/sub");
    project_write("pkg/sub/a.py", "");
    watch(10);
    project_rename("pkg", "new");
    project_expect("pkg new");
    ck_assert_uint_eq(tree.count, 3);
    project_write("new/sub/a.py", "x");
    project_expect("new/sub/a.py");

    /* Another directory takes its place before the tree has looked. */
    project_rename("new", ".hidden");
    project_make_directory("new");
    project_write("new/b.py", "");
    project_expect("new");
    ck_assert_uint_eq(tree.count, 2);
    project_write(".hidden/sub/a.py", "y");
    project_write("new/b.py", "y");
    project_expect("new/b.py");
    end();
}
END_TEST

START_TEST(what_is_left_out_is_not_told)
{
    static const char *const names[] = {".git", "__pycache__", "node_modules", "pkg/__pycache__", "venv"};
    project_open();
    project_make_directory("pkg");
    project_make_directory("venv");
    project_write("venv/" SOURCES_VENV_MARK, "");
    project_make_directory("__pycache__");
    watch(10);
    ck_assert_uint_eq(tree.count, 2);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        char file[64];
        if (access(project_path(names[i]), F_OK) != 0)
            project_make_directory(names[i]);
        snprintf(file, sizeof file, "%s/a.py", names[i]);
        project_write(file, "");
    }
    project_write("notes.txt", "");
    project_write("app.pyc", "");
    project_expect("");
    ck_assert_uint_eq(tree.count, 2);
    end();
}
END_TEST

START_TEST(a_virtual_environment_that_is_being_made_is_let_go_of)
{
    project_open();
    watch(10);
    project_make_directory("venv");
    project_make_directory("venv/lib");
    project_expect("");
    ck_assert_uint_eq(tree.count, 3);
    project_write("venv/" SOURCES_VENV_MARK, "");
    project_expect("");
    ck_assert_uint_eq(tree.count, 1);
    project_write("venv/lib/a.py", "");
    project_expect("");
    /* The root is watched whatever it contains. */
    project_write(SOURCES_VENV_MARK, "");
    project_expect("");
    tree_look_at_root(&tree);
    ck_assert_uint_eq(tree.count, 1);
    end();
}
END_TEST

START_TEST(links_are_followed_once)
{
    project_open();
    project_make_directory("pkg");
    project_link("..", "pkg/back");
    project_link(".", "self");
    project_link("nowhere", "dangling");
    project_link("loop", "loop");
    project_make_directory(".elsewhere");
    project_link(".elsewhere", "shared");
    watch(10);
    ck_assert_uint_eq(tree.count, 3);
    project_write(".elsewhere/a.py", "");
    project_expect("shared/a.py");
    project_link("../pkg", "pkg/again");
    project_remove("shared");
    project_expect("shared");
    ck_assert_uint_eq(tree.count, 2);
    end();
}
END_TEST

START_TEST(more_directories_than_may_be_are_a_warning_that_names_the_bound)
{
    char name[16], expected[256];
    project_open();
    for (unsigned i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "d%u", i);
        project_make_directory(name);
    }
    captured_log_begin();
    watch(3);
    const char *log = captured_log_end();
    snprintf(expected, sizeof expected, "reload: not all of %s is watched: it has more than 3 directories; give an ",
             project);
    ck_assert_ptr_nonnull(strstr(log, expected));
    ck_assert_ptr_eq(strchr(log, '\n'), log + strlen(log) - 1); /* one line */
    ck_assert_uint_eq(tree.count, 3);
    project_write("app.py", "");
    project_expect("app.py");
    end();
}
END_TEST

START_TEST(a_root_that_is_not_there_may_come)
{
    project_open();
    ck_assert_int_eq(
        tree_open(&tree, &project_loop, project_path("root"), TREE_DIRECTORIES_MAX, project_on_change, NULL), ERR_OK);
    ck_assert_uint_eq(tree.count, 0);
    project_make_directory("root");
    project_write("root/a.py", "");
    tree_look_at_root(&tree);
    ck_assert_uint_eq(tree.count, 1);
    tree_look_at_root(&tree); /* still the same root */
    ck_assert_uint_eq(tree.count, 1);
    project_rename("root", "gone");
    tree_look_at_root(&tree);
    ck_assert_uint_eq(tree.count, 0);
    end();
}
END_TEST

SUITE("tree", a_file_that_comes_changes_or_goes_is_told, what_an_editor_writes_beside_and_renames_is_told,
      directories_below_are_watched_also_those_that_come, directories_that_go_are_let_go_of,
      a_directory_that_is_renamed_is_told_and_watched_by_its_new_name, what_is_left_out_is_not_told,
      a_virtual_environment_that_is_being_made_is_let_go_of, links_are_followed_once,
      more_directories_than_may_be_are_a_warning_that_names_the_bound, a_root_that_is_not_there_may_come)
