#include "base/utf8.h"

#include <string.h>

#include "suite.h"

static void expect_repaired(const char *text, const char *expected)
{
    /* The copy has exactly its size, so that a sanitizer sees a read past the end. */
    char *copy = strdup(text);
    ck_assert_int_eq(utf8_is_valid(copy, strlen(copy)), strcmp(text, expected) == 0);
    utf8_repair(copy);
    ck_assert_str_eq(copy, expected);
    free(copy);
}

START_TEST(what_is_utf_8_stays_as_it_is)
{
    static const char *const texts[] = {
        "",
        "plain\x01\x7f",
        "\xc2\x80\xdf\xbf",                 /* the first and the last of two bytes */
        "\xe0\xa0\x80\xef\xbf\xbf",         /* the first and the last of three bytes */
        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", /* the first and the last of four bytes */
        "\xed\x9f\xbf\xee\x80\x80",         /* around the surrogates */
    };
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_repaired(texts[i], texts[i]);
}
END_TEST

START_TEST(each_byte_that_is_no_part_of_a_character_is_replaced)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"a\xff.", "a?."},
        {"\x80\xbf", "??"},                                    /* continuation bytes alone */
        {"\xc3", "?"},                                         /* cut off */
        {"\xe2\x82", "??"},                                    /* cut off */
        {"\xf0\x9f\x90", "???"},                               /* cut off */
        {"\xc3\x28", "?("},                                    /* not followed by its second byte */
        {"\xc0\xaf\xc1\xbf", "????"},                          /* overlong */
        {"\xe0\x9f\xbf", "???"},                               /* overlong */
        {"\xf0\x8f\xbf\xbf", "????"},                          /* overlong */
        {"\xed\xa0\x80", "???"},                               /* a surrogate */
        {"\xf4\x90\x80\x80", "????"},                          /* beyond the last one */
        {"\xf5\x80\x80\x80", "????"},                          /* beyond the last one */
        {"\xc3\xbc\xff\xe2\x82\xac", "\xc3\xbc?\xe2\x82\xac"}, /* its neighbours stay */
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_repaired(cases[i].text, cases[i].expected);
}
END_TEST

START_TEST(of_a_run_of_bytes_all_must_be)
{
    static const char text[] = "12345678\0abcdefgh\xe2\x82\xac"
                               "12345678\xf0\x9f\x90\x80";
    for (size_t length = 0; length < sizeof text; length++) {
        char *copy = calloc(1, length + 1);
        memcpy(copy, text, length);
        bool cut = length == 18 || length == 19 || (length > 28 && length < 32);
        ck_assert_int_eq(utf8_is_valid(copy, length), !cut);
        for (size_t i = 0; i < length; i++) {
            copy[i] = '\xff';
            ck_assert(!utf8_is_valid(copy, length));
            copy[i] = text[i];
        }
        free(copy);
    }
}
END_TEST

SUITE("utf8", of_a_run_of_bytes_all_must_be, what_is_utf_8_stays_as_it_is,
      each_byte_that_is_no_part_of_a_character_is_replaced)
