#include "core/fields.h"

#include <string.h>

#include "core/reply_fields.h"
#include "suite.h"

static struct fields fields;

static enum err add(const char *name, const char *value)
{
    return fields_add(&fields, name, strlen(name), value, strlen(value));
}

START_TEST(they_come_in_their_order)
{
    static const char *const expected[][2] = {{"A", "1"}, {"b-C", ""}, {"A", "three 3"}};
    struct field field;
    size_t at = 0;
    ck_assert(!fields_next(&fields, &at, &field));
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(add(expected[i][0], expected[i][1]), ERR_OK);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(fields_next(&fields, &at, &field));
        ck_assert_uint_eq(field.name_bytes, strlen(expected[i][0]));
        ck_assert_mem_eq(field.name, expected[i][0], field.name_bytes);
        ck_assert_uint_eq(field.value_bytes, strlen(expected[i][1]));
        ck_assert_mem_eq(field.value, expected[i][1], field.value_bytes);
    }
    ck_assert(!fields_next(&fields, &at, &field));
    fields_free(&fields);
    at = 0;
    ck_assert(!fields_next(&fields, &at, &field));
}
END_TEST

START_TEST(the_first_of_a_name_is_found_in_any_case)
{
    ck_assert_ptr_null(reply_fields_value(&fields, "A"));
    ck_assert_int_eq(add("Other", "A"), ERR_OK);
    ck_assert_int_eq(add("aB", "1"), ERR_OK);
    ck_assert_int_eq(add("AB", "2"), ERR_OK);
    ck_assert_str_eq(reply_fields_value(&fields, "Ab"), "1");
    ck_assert_ptr_null(reply_fields_value(&fields, "A"));
    fields_free(&fields);
}
END_TEST

START_TEST(what_would_end_the_line_or_the_name_is_refused)
{
    static const char *const names[] = {"", "a b", "a:", "a\n", "\xe9"};
    static const char *const values[] = {"a\r", "a\nb", "\x01", "\x7f"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_msg(add(names[i], "x") == ERR_INVALID, "%s", names[i]);
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++)
        ck_assert_msg(add("a", values[i]) == ERR_INVALID, "%s", values[i]);
    ck_assert_int_eq(fields_add(&fields, "a", 1, "b\0c", 3), ERR_INVALID);
    ck_assert_uint_eq(fields.lines.length, 0);
}
END_TEST

START_TEST(a_tab_becomes_a_space_and_latin_1_stays)
{
    ck_assert_int_eq(add("a", "\tb\tc \xe9\xff"), ERR_OK);
    ck_assert_str_eq(reply_fields_value(&fields, "a"), " b c \xe9\xff");
    fields_free(&fields);
}
END_TEST

START_TEST(only_what_belongs_to_it_is_taken)
{
    ck_assert_int_eq(fields_add(&fields, "name: rest", 4, "value\r\n", 5), ERR_OK);
    ck_assert_str_eq(reply_fields_value(&fields, "name"), "value");
    fields_free(&fields);
}
END_TEST

START_TEST(they_are_lines_as_they_are_sent)
{
    ck_assert_int_eq(add("A", "1: 2"), ERR_OK);
    ck_assert_int_eq(add("b", ""), ERR_OK);
    ck_assert_uint_eq(fields.lines.length, 14);
    ck_assert_mem_eq(fields.lines.bytes, "A: 1: 2\r\nb: \r\n", 14);
    fields_free(&fields);
}
END_TEST

START_TEST(server_and_date_are_noticed_in_any_case)
{
    ck_assert_int_eq(add("Serve", "1"), ERR_OK);
    ck_assert_int_eq(add("Dates", "1"), ERR_OK);
    ck_assert(!fields.has_server && !fields.has_date);
    ck_assert_int_eq(add("SERVER", "1"), ERR_OK);
    ck_assert(fields.has_server && !fields.has_date);
    ck_assert_int_eq(add("date", "1"), ERR_OK);
    ck_assert(fields.has_server && fields.has_date);
    fields_free(&fields);
    ck_assert(!fields.has_server && !fields.has_date);
}
END_TEST

/* Long values are checked by vectors of bytes, and what is left over one by one. */
START_TEST(a_control_character_is_found_at_every_place)
{
    char value[80];
    for (size_t length = 1; length <= sizeof value; length++)
        for (size_t at = 0; at < length; at++) {
            memset(value, 'v', sizeof value);
            value[at] = '\n';
            ck_assert_int_eq(fields_add(&fields, "a", 1, value, length), ERR_INVALID);
        }
}
END_TEST

START_TEST(some_are_the_server_s_to_say)
{
    ck_assert(fields_is_hop_by_hop("Connection: x", 10));
    ck_assert(fields_is_hop_by_hop("TRANSFER-ENCODING", 17));
    ck_assert(!fields_is_hop_by_hop("Connection", 9));
    ck_assert(!fields_is_hop_by_hop("Content-Length", 14));
}
END_TEST

SUITE("fields", they_come_in_their_order, the_first_of_a_name_is_found_in_any_case,
      what_would_end_the_line_or_the_name_is_refused, a_tab_becomes_a_space_and_latin_1_stays,
      only_what_belongs_to_it_is_taken, they_are_lines_as_they_are_sent, server_and_date_are_noticed_in_any_case,
      a_control_character_is_found_at_every_place, some_are_the_server_s_to_say)
