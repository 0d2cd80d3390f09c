#include "base/err.h"

#include <pthread.h>
#include <string.h>

#include "suite.h"

START_TEST(there_is_no_sentence_before_the_first_error)
{
    ck_assert_str_eq(err_message(), "");
}
END_TEST

START_TEST(the_code_is_returned_and_the_sentence_kept_until_the_next)
{
    ck_assert_int_eq(err_fail(ERR_INVALID, "--port %d: not from %s", 70000, "0 to 65535"), ERR_INVALID);
    ck_assert_str_eq(err_message(), "--port 70000: not from 0 to 65535");
    ck_assert_str_eq(err_message(), "--port 70000: not from 0 to 65535");
    ck_assert_int_eq(err_fail(ERR_NOMEM, "out of memory"), ERR_NOMEM);
    ck_assert_str_eq(err_message(), "out of memory");
}
END_TEST

START_TEST(a_long_sentence_is_cut_at_511_bytes)
{
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(err_fail(ERR_SYSTEM, "%s", text), ERR_SYSTEM);
    ck_assert_uint_eq(strlen(err_message()), 511);
    ck_assert(strncmp(err_message(), text, 511) == 0);
}
END_TEST

static void *fail_elsewhere(void *unused)
{
    (void)unused;
    if (strcmp(err_message(), "") != 0)
        return "the sentence of another thread";
    if (err_fail(ERR_PYTHON, "elsewhere") != ERR_PYTHON || strcmp(err_message(), "elsewhere") != 0)
        return "not its own sentence";
    return NULL;
}

START_TEST(each_thread_has_its_own)
{
    pthread_t thread;
    void *fault;
    ck_assert_int_eq(err_fail(ERR_INVALID, "here"), ERR_INVALID);
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, &fault), 0);
    ck_assert_ptr_null(fault);
    ck_assert_str_eq(err_message(), "here");
}
END_TEST

SUITE("err", there_is_no_sentence_before_the_first_error, the_code_is_returned_and_the_sentence_kept_until_the_next,
      a_long_sentence_is_cut_at_511_bytes, each_thread_has_its_own)
