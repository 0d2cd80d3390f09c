#include "base/format.h"

#include <locale.h>
#include <string.h>

#include "suite.h"

START_TEST(it_is_what_snprintf_says)
{
    char out[16];
    ck_assert_int_eq(format_text(out, sizeof out, "%.2f %s %d", 1234.5, "a", -7), 12);
    ck_assert_str_eq(out, "1234.50 a -7");
    ck_assert_int_eq(format_text(out, 4, "%.2f", 1234.5), 7);
    ck_assert_str_eq(out, "123");
}
END_TEST

START_TEST(the_thread_has_its_own_locale_again)
{
    char out[16];
    locale_t own = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    ck_assert(own != (locale_t)0);
    uselocale(own);
    format_text(out, sizeof out, "%g", 0.5);
    ck_assert_str_eq(out, "0.5");
    ck_assert(uselocale((locale_t)0) == own);
    uselocale(LC_GLOBAL_LOCALE);
    format_text(out, sizeof out, "%g", 0.5);
    ck_assert(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
    freelocale(own);
}
END_TEST

START_TEST(the_digits_of_a_number_are_those_of_printf)
{
    static const uint64_t numbers[] = {0, 7, 10, 80, 65535, 1000000, UINT64_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char expected[FORMAT_DIGITS_MAX + 1], digits[FORMAT_DIGITS_MAX + 1] = "";
        format_text(expected, sizeof expected, "%llu", (unsigned long long)numbers[i]);
        ck_assert_uint_eq(format_digits(digits, numbers[i]), strlen(expected));
        ck_assert_str_eq(digits, expected);
    }
}
END_TEST

SUITE("format", it_is_what_snprintf_says, the_thread_has_its_own_locale_again,
      the_digits_of_a_number_are_those_of_printf)
