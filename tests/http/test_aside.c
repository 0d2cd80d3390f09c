#include "http/aside.h"

#include <string.h>

#include "suite.h"

static struct aside aside;

static void expect_taken(size_t room, const char *bytes)
{
    char out[256];
    ck_assert_uint_eq(aside_take(&aside, out, room), strlen(bytes));
    ck_assert_mem_eq(out, bytes, strlen(bytes));
}

START_TEST(what_was_put_is_taken_in_its_order)
{
    expect_taken(10, "");
    ASIDE_PUT_LITERAL(&aside, "abc");
    aside_put(&aside, "defg", 3);
    expect_taken(2, "ab");
    ASIDE_PUT_LITERAL(&aside, "g");
    expect_taken(0, "");
    expect_taken(100, "cdefg");
    expect_taken(100, "");
}
END_TEST

START_TEST(the_room_is_there_again_when_all_is_taken)
{
    char bytes[sizeof aside.bytes], out[sizeof aside.bytes];
    memset(bytes, 'x', sizeof bytes);
    for (unsigned i = 0; i < 3; i++) {
        aside_put(&aside, bytes, sizeof bytes);
        ck_assert_uint_eq(aside_take(&aside, out, 100), 100);
        ck_assert_uint_eq(aside_take(&aside, out + 100, sizeof out), sizeof bytes - 100);
        ck_assert_mem_eq(out, bytes, sizeof bytes);
    }
}
END_TEST

SUITE("aside", what_was_put_is_taken_in_its_order, the_room_is_there_again_when_all_is_taken)
