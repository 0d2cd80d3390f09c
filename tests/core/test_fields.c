#include "core/fields.h"

#include <string.h>

#include "suite.h"

static struct fields fields;

static enum err add(const char *name, const char *value)
{
    return fields_add(&fields, name, strlen(name), value, strlen(value));
}

START_TEST(they_come_in_their_order)
{
    static const char *const expected[][2] = {{"A", "1"}, {"b-C", ""}, {"A", "three 3"}};
    const char *name, *value;
    size_t at = 0;
    ck_assert(!fields_next(&fields, &at, &name, &value));
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(add(expected[i][0], expected[i][1]), ERR_OK);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(fields_next(&fields, &at, &name, &value));
        ck_assert_str_eq(name, expected[i][0]);
        ck_assert_str_eq(value, expected[i][1]);
    }
    ck_assert(!fields_next(&fields, &at, &name, &value));
    fields_free(&fields);
    at = 0;
    ck_assert(!fields_next(&fields, &at, &name, &value));
}
END_TEST

START_TEST(the_first_of_a_name_is_found_in_any_case)
{
    ck_assert_ptr_null(fields_find(&fields, "A"));
    ck_assert_int_eq(add("Other", "A"), ERR_OK);
    ck_assert_int_eq(add("aB", "1"), ERR_OK);
    ck_assert_int_eq(add("AB", "2"), ERR_OK);
    ck_assert_str_eq(fields_find(&fields, "Ab"), "1");
    ck_assert_ptr_null(fields_find(&fields, "A"));
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
    size_t at = 0;
    const char *name, *value;
    ck_assert(!fields_next(&fields, &at, &name, &value));
}
END_TEST

START_TEST(a_tab_becomes_a_space_and_latin_1_stays)
{
    ck_assert_int_eq(add("a", "\tb\tc \xe9\xff"), ERR_OK);
    ck_assert_str_eq(fields_find(&fields, "a"), " b c \xe9\xff");
    fields_free(&fields);
}
END_TEST

START_TEST(only_what_belongs_to_it_is_taken)
{
    ck_assert_int_eq(fields_add(&fields, "name: rest", 4, "value\r\n", 5), ERR_OK);
    ck_assert_str_eq(fields_find(&fields, "name"), "value");
    fields_free(&fields);
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
      only_what_belongs_to_it_is_taken, some_are_the_server_s_to_say)
