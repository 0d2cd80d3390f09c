#include "base/format.h"

#include <locale.h>

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

SUITE("format", it_is_what_snprintf_says, the_thread_has_its_own_locale_again)
