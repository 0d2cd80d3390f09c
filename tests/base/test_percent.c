#include "base/percent.h"

#include <string.h>

#include "suite.h"

static char out[64];

static bool decode(const char *text, bool plus_is_space)
{
    /* The copy has exactly its size and no terminating NUL. */
    size_t length = strlen(text);
    char *copy = calloc(length + !length, 1);
    memcpy(copy, text, length);
    bool decoded = percent_decode(copy, length, plus_is_space, out, sizeof out);
    free(copy);
    return decoded;
}

START_TEST(escapes_are_decoded)
{
    ck_assert(decode("", false));
    ck_assert_str_eq(out, "");
    ck_assert(decode("a%20b%2Fc%2f%C3%bc%7e%01", false));
    ck_assert_str_eq(out, "a b/c/\xc3\xbc~\x01");
    ck_assert(decode("a+b%2b", true));
    ck_assert_str_eq(out, "a b+");
    ck_assert(decode("a+b", false));
    ck_assert_str_eq(out, "a+b");
    ck_assert(decode("%2541", false));
    ck_assert_str_eq(out, "%41"); /* decoded once, not twice */
}
END_TEST

START_TEST(broken_escapes_and_nul_bytes_are_refused)
{
    static const char *const texts[] = {"%", "a%", "%4", "a%4", "%4g", "%g4", "%%41", "% 1", "%00", "a%00b"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_msg(!decode(texts[i], true), "%s", texts[i]);
}
END_TEST

START_TEST(the_room_is_exact)
{
    char text[65];
    memset(text, 'x', sizeof text);
    text[63] = '\0';
    ck_assert(decode(text, false));
    ck_assert_uint_eq(strlen(out), 63);
    text[63] = 'x';
    text[64] = '\0';
    ck_assert(!decode(text, false));
    ck_assert(!percent_decode("", 0, false, out, 0));
    ck_assert(percent_decode("", 0, false, out, 1));
}
END_TEST

SUITE("percent", escapes_are_decoded, broken_escapes_and_nul_bytes_are_refused, the_room_is_exact)
