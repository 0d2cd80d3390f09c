#include "python/wsgi/errors.h"

#include <string.h>

#include "captured_log.h"
#include "python/app_calls.h"
#include "python/tree.h"
#include "suite.h"

static void open_errors(void)
{
    implementations_open();
    app_show("begin_line", wsgi_errors_begin_line_new(implementations_thread));
    tree_python("class Errors:\n"
                "    flushed, broken = 0, False\n"
                "    def flush(self):\n"
                "        self.flushed += 1\n"
                "        if self.broken:\n"
                "            raise OSError('no log')\n"
                "errors = Errors()\n"
                "common = {'wsgi.errors': errors}\n");
    ck_assert(wsgi_errors_open(implementations_thread, app_global("common")));
}

static void close_errors(void)
{
    wsgi_errors_close(implementations_thread);
    ck_assert_ptr_null(implementations_thread->errors);
    implementations_close();
}

START_TEST(a_line_that_was_begun_is_ended_once)
{
    open_errors();
    wsgi_errors_end_line(implementations_thread);
    tree_python("assert errors.flushed == 0\nbegin_line()\nbegin_line()\n");
    for (unsigned i = 0; i < 3; i++)
        wsgi_errors_end_line(implementations_thread);
    tree_python("assert errors.flushed == 1\n");
    close_errors();
}
END_TEST

START_TEST(what_ending_it_raises_is_logged)
{
    open_errors();
    tree_python("errors.broken = True\nbegin_line()\n");
    captured_log_begin();
    wsgi_errors_end_line(implementations_thread);
    ck_assert_ptr_nonnull(strstr(captured_log_end(), "OSError: no log"));
    ck_assert_ptr_null(PyErr_Occurred());
    close_errors();
}
END_TEST

START_TEST(an_environ_without_it_is_an_exception)
{
    implementations_open();
    tree_python("common = {}\n");
    ck_assert(!wsgi_errors_open(implementations_thread, app_global("common")));
    app_expect_raised("KeyError: 'wsgi.errors'");
    close_errors();
}
END_TEST

/* The app may keep wsgi.errors longer than the server has it. */
START_TEST(a_line_may_be_begun_when_nobody_ends_it)
{
    open_errors();
    wsgi_errors_close(implementations_thread);
    tree_python("begin_line()\n");
    wsgi_errors_end_line(implementations_thread);
    tree_python("assert errors.flushed == 0\n");
    close_errors();
}
END_TEST

SUITE("wsgi errors", a_line_that_was_begun_is_ended_once, what_ending_it_raises_is_logged,
      an_environ_without_it_is_an_exception, a_line_may_be_begun_when_nobody_ends_it)
