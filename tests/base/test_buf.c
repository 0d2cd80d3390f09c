#include "base/buf.h"

#include <stdint.h>
#include <string.h>

#include "suite.h"

static struct buf buf;

START_TEST(what_is_appended_is_there_in_its_order)
{
    char expected[100000];
    size_t length = 0;
    for (size_t piece = 0; length + piece <= sizeof expected; piece += 7) {
        for (size_t i = 0; i < piece; i++)
            expected[length + i] = (char)(length + i * 31);
        ck_assert_int_eq(buf_append(&buf, expected + length, piece), ERR_OK);
        length += piece;
        ck_assert_uint_eq(buf.length, length);
        ck_assert_uint_ge(buf.capacity, length);
    }
    ck_assert_uint_gt(length, 90000);
    ck_assert_mem_eq(buf.bytes, expected, length);
    buf_free(&buf);
}
END_TEST

START_TEST(reserved_room_can_be_written_to)
{
    static const size_t sizes[] = {1, 255, 256, 257, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ck_assert_int_eq(buf_reserve(&buf, sizes[i]), ERR_OK);
        ck_assert_uint_ge(buf.capacity - buf.length, sizes[i]);
        memset(buf.bytes + buf.length, 'x', sizes[i]);
        buf.length += sizes[i] / 2;
    }
    buf_free(&buf);
}
END_TEST

START_TEST(room_that_is_there_is_used_again)
{
    ck_assert_int_eq(buf_append(&buf, "0123456789", 10), ERR_OK);
    char *bytes = buf.bytes;
    size_t capacity = buf.capacity;
    for (unsigned i = 0; i < 1000; i++) {
        buf_consume(&buf, 10);
        ck_assert_int_eq(buf_append(&buf, "0123456789", 10), ERR_OK);
    }
    ck_assert_ptr_eq(buf.bytes, bytes);
    ck_assert_uint_eq(buf.capacity, capacity);
    buf_free(&buf);
}
END_TEST

START_TEST(it_grows_only_where_the_room_is_used_up)
{
    static const char full[100000];
    ck_assert_int_eq(buf_reserve(&buf, 100), ERR_OK);
    char *bytes = buf.bytes;
    size_t capacity = buf.capacity;
    ck_assert_uint_le(capacity, sizeof full);
    ck_assert_int_eq(buf_append(&buf, full, capacity), ERR_OK);
    ck_assert_int_eq(buf_reserve(&buf, 0), ERR_OK);
    ck_assert_ptr_eq(buf.bytes, bytes);
    ck_assert_uint_eq(buf.capacity, capacity);
    ck_assert_int_eq(buf_append(&buf, "x", 1), ERR_OK);
    ck_assert_uint_gt(buf.capacity, capacity);
    buf_free(&buf);
}
END_TEST

START_TEST(consuming_drops_the_first_bytes_and_keeps_the_rest)
{
    ck_assert_int_eq(buf_append(&buf, "abcdef", 6), ERR_OK);
    buf_consume(&buf, 0);
    ck_assert_uint_eq(buf.length, 6);
    buf_consume(&buf, 4);
    ck_assert_uint_eq(buf.length, 2);
    ck_assert_mem_eq(buf.bytes, "ef", 2);
    ck_assert_int_eq(buf_append(&buf, "gh", 2), ERR_OK);
    ck_assert_mem_eq(buf.bytes, "efgh", 4);
    buf_consume(&buf, 4);
    ck_assert_uint_eq(buf.length, 0);
    buf_free(&buf);
}
END_TEST

START_TEST(nothing_appended_to_an_empty_buffer_is_nothing)
{
    ck_assert_int_eq(buf_append(&buf, NULL, 0), ERR_OK);
    ck_assert_uint_eq(buf.length, 0);
    buf_consume(&buf, 0);
    buf_free(&buf);
}
END_TEST

START_TEST(out_of_memory_leaves_it_as_it_was)
{
    ck_assert_int_eq(buf_append(&buf, "abc", 3), ERR_OK);
    struct buf before = buf;
    ck_assert_int_eq(buf_reserve(&buf, SIZE_MAX / 4), ERR_NOMEM);
    ck_assert_ptr_eq(buf.bytes, before.bytes);
    ck_assert_uint_eq(buf.length, 3);
    ck_assert_uint_eq(buf.capacity, before.capacity);
    ck_assert_int_eq(buf_append(&buf, "def", 3), ERR_OK);
    ck_assert_mem_eq(buf.bytes, "abcdef", 6);
    buf_free(&buf);
}
END_TEST

START_TEST(what_no_memory_could_hold_is_out_of_memory)
{
    ck_assert_int_eq(buf_append(&buf, "abc", 3), ERR_OK);
    ck_assert_int_eq(buf_reserve(&buf, SIZE_MAX / 2 + 2), ERR_NOMEM);
    ck_assert_int_eq(buf_reserve(&buf, SIZE_MAX), ERR_NOMEM);
    ck_assert_uint_eq(buf.length, 3);
    ck_assert_mem_eq(buf.bytes, "abc", 3);
    buf_free(&buf);
}
END_TEST

START_TEST(freed_it_is_empty_and_usable_again)
{
    ck_assert_int_eq(buf_append(&buf, "abc", 3), ERR_OK);
    buf_free(&buf);
    ck_assert_uint_eq(buf.length, 0);
    ck_assert_uint_eq(buf.capacity, 0);
    ck_assert_int_eq(buf_append(&buf, "d", 1), ERR_OK);
    ck_assert_mem_eq(buf.bytes, "d", 1);
    buf_free(&buf);
    buf_free(&buf);
}
END_TEST

SUITE("buf", what_is_appended_is_there_in_its_order, reserved_room_can_be_written_to, room_that_is_there_is_used_again,
      it_grows_only_where_the_room_is_used_up, consuming_drops_the_first_bytes_and_keeps_the_rest,
      nothing_appended_to_an_empty_buffer_is_nothing, out_of_memory_leaves_it_as_it_was,
      what_no_memory_could_hold_is_out_of_memory, freed_it_is_empty_and_usable_again)
