#include "python/interp/log_function.h"

#include <string.h>

#include "captured_log.h"
#include "python/app_calls.h"
#include "python/tree.h"
#include "suite.h"

static void open_log(void)
{
    implementations_open();
    app_show("log", log_function_new("somebody"));
}

/* Runs the code. Expects one line in the log, with this text after the level. */
static void expect_line(const char *code, const char *line)
{
    char expected[256];
    captured_log_begin();
    tree_python(code);
    const char *log = captured_log_end();
    snprintf(expected, sizeof expected, " ERROR somebody: %s\n", line);
    ck_assert_msg(strstr(log, expected) && strchr(log, '\n') == log + strlen(log) - 1, "%s", log);
}

START_TEST(text_goes_to_the_log_behind_a_name)
{
    open_log();
    expect_line("assert log('a line') is None\n", "a line");
    expect_line("log(b'of bytes')\n", "of bytes");
    expect_line("log('\\xe9\\u20ac')\n", "\xc3\xa9\xe2\x82\xac");
    expect_line("log('')\n", "");
    implementations_close();
}
END_TEST

START_TEST(what_has_no_utf_8_is_escaped)
{
    open_log();
    expect_line("log('a\\ud800b')\n", "a\\ud800b");
    implementations_close();
}
END_TEST

START_TEST(per_cent_is_no_format)
{
    open_log();
    expect_line("log('%s%n%d')\n", "%s%n%d");
    implementations_close();
}
END_TEST

START_TEST(what_is_no_text_is_an_exception)
{
    open_log();
    captured_log_begin();
    tree_python("for wrong in (None, 1, bytearray(b'a'), ['a']):\n"
                "    try:\n"
                "        log(wrong)\n"
                "    except TypeError:\n"
                "        pass\n"
                "    else:\n"
                "        raise AssertionError(wrong)\n");
    ck_assert_str_eq(captured_log_end(), "");
    implementations_close();
}
END_TEST

START_TEST(it_holds_nothing_of_what_it_logs)
{
    open_log();
    captured_log_begin();
    tree_python("import sys\n"
                "for text in ('a text of its own \\xe9', b'bytes of their own'):\n"
                "    before = sys.getrefcount(text)\n"
                "    for _ in range(10):\n"
                "        log(text)\n"
                "    assert sys.getrefcount(text) == before\n");
    captured_log_end();
    implementations_close();
}
END_TEST

SUITE("log_function", text_goes_to_the_log_behind_a_name, what_has_no_utf_8_is_escaped, per_cent_is_no_format,
      what_is_no_text_is_an_exception, it_holds_nothing_of_what_it_logs)
