#include "http/parse/pending_bytes.h"

#include <string.h>

#include "suite.h"

static struct pending_bytes pending_bytes;

static void expect_taken(size_t room, const char *bytes)
{
    char out[256];
    ck_assert_uint_eq(pending_bytes_take(&pending_bytes, out, room), strlen(bytes));
    ck_assert_mem_eq(out, bytes, strlen(bytes));
}

START_TEST(what_was_put_is_taken_in_its_order)
{
    expect_taken(10, "");
    PENDING_BYTES_PUT_LITERAL(&pending_bytes, "abc");
    pending_bytes_put(&pending_bytes, "defg", 3);
    expect_taken(2, "ab");
    PENDING_BYTES_PUT_LITERAL(&pending_bytes, "g");
    expect_taken(0, "");
    expect_taken(100, "cdefg");
    expect_taken(100, "");
}
END_TEST

START_TEST(the_room_is_there_again_when_all_is_taken)
{
    char bytes[sizeof pending_bytes.bytes], out[sizeof pending_bytes.bytes];
    memset(bytes, 'x', sizeof bytes);
    for (unsigned i = 0; i < 3; i++) {
        pending_bytes_put(&pending_bytes, bytes, sizeof bytes);
        ck_assert_uint_eq(pending_bytes_take(&pending_bytes, out, 100), 100);
        ck_assert_uint_eq(pending_bytes_take(&pending_bytes, out + 100, sizeof out), sizeof bytes - 100);
        ck_assert_mem_eq(out, bytes, sizeof bytes);
    }
}
END_TEST

SUITE("pending_bytes", what_was_put_is_taken_in_its_order, the_room_is_there_again_when_all_is_taken)
