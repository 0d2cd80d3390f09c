#include "base/token.h"

#include "suite.h"

START_TEST(its_bytes_are_those_of_rfc_9110)
{
    static const char others[] = "\"(),/:;<=>?@[\\]{} \t\r\n\x7f\x80\xff";
    for (const char *at = "!#$%&'*+-.^_`|~059azAZ"; *at; at++)
        ck_assert(token_byte(*at));
    for (size_t i = 0; i < sizeof others; i++) /* the terminating NUL, too */
        ck_assert(!token_byte(others[i]));
}
END_TEST

START_TEST(its_length_is_that_of_its_first_run)
{
    ck_assert_uint_eq(token_length("", 0), 0);
    ck_assert_uint_eq(token_length("a-b: c", 6), 3);
    ck_assert_uint_eq(token_length("abc", 2), 2);
    ck_assert_uint_eq(token_length(" a", 2), 0);
}
END_TEST

SUITE("token", its_bytes_are_those_of_rfc_9110, its_length_is_that_of_its_first_run)
