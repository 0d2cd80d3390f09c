#include "base/ascii.h"

#include "suite.h"

START_TEST(only_the_letters_have_a_case)
{
    for (int c = -128; c < 128; c++) {
        bool large = c >= 'A' && c <= 'Z', small = c >= 'a' && c <= 'z';
        ck_assert_int_eq(ascii_lower((char)c), large ? c + 32 : c);
        ck_assert_int_eq(ascii_upper((char)c), small ? c - 32 : c);
    }
}
END_TEST

START_TEST(a_word_in_any_case)
{
    ck_assert(ascii_equals("Transfer-ENCODING: x", 17, "transfer-encoding"));
    ck_assert(ascii_equals("transfer-encoding", 17, "TRANSFER-ENCODING"));
    ck_assert(ascii_equals("x", 0, ""));
}
END_TEST

START_TEST(what_is_shorter_or_longer_or_different_is_another_word)
{
    ck_assert(!ascii_equals("closed", 6, "close"));
    ck_assert(!ascii_equals("clos", 4, "close"));
    ck_assert(!ascii_equals("", 0, "close"));
    ck_assert(!ascii_equals("c", 1, ""));
    ck_assert(!ascii_equals("close\0", 6, "close"));
    ck_assert(!ascii_equals("@lose", 5, "`lose")); /* 32 apart, and no letters */
    ck_assert(!ascii_equals("\xc9", 1, "\xe9"));
}
END_TEST

SUITE("ascii", only_the_letters_have_a_case, a_word_in_any_case, what_is_shorter_or_longer_or_different_is_another_word)
