#include "reload/sources.h"

#include "reload/project.h"
#include "suite.h"

START_TEST(python_files_are_the_source)
{
    ck_assert(sources_is_file("app.py") && sources_is_file("__init__.py"));
    static const char *const others[] = {"app.pyc", "app", ".py",         ".#app.py", "app.py~",
                                         "app.txt", "py",  ".app.py.swp", "app.py.b", ""};
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_msg(!sources_is_file(others[i]), "%s", others[i]);
}
END_TEST

START_TEST(what_is_made_or_installed_is_left_out)
{
    project_open();
    project_make_directory("venv");
    ck_assert(!sources_leave_out(project_path("venv"), "venv"));
    project_write("venv/" SOURCES_VENV_MARK, "");
    ck_assert(sources_is_venv(project_path("venv")));
    ck_assert(sources_leave_out(project_path("venv"), "venv"));
    ck_assert(!sources_leave_out(project, "pkg"));
    static const char *const names[] = {".git", "__pycache__", "node_modules"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_msg(sources_leave_out(project, names[i]), "%s", names[i]);
    project_close();
}
END_TEST

SUITE("sources", python_files_are_the_source, what_is_made_or_installed_is_left_out)
