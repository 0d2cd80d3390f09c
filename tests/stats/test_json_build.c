#include "stats/json_build.h"

#include "stats/made_up.h"
#include "suite.h"

START_TEST(pieces_are_put_together)
{
    json_t *object = json_object(), *array = json_array();
    json_append(&array, json_integer(1));
    json_append(&array, json_integer(2));
    json_add(&object, "array", array);
    json_add(&object, "null", json_null());
    expect_keys(object, "array null");
    ck_assert_uint_eq(json_array_size(value_at(object, "array")), 2);
    expect_integer(object, "array.0", 1);
    expect_integer(object, "array.1", 2);
    json_decref(object);
}
END_TEST

/* LeakSanitizer reports the pieces from before and after the missing one if they are not freed. */
START_TEST(where_a_piece_is_missing_the_whole_is)
{
    json_t *object = json_object(), *array = json_array();
    json_add(&object, "there", json_string("value"));
    json_add(&object, "missing", NULL);
    ck_assert_ptr_null(object);
    json_add(&object, "later", json_string("value"));
    ck_assert_ptr_null(object);
    json_append(&array, json_string("value"));
    json_append(&array, NULL);
    ck_assert_ptr_null(array);
    json_append(&array, json_string("value"));
    ck_assert_ptr_null(array);
}
END_TEST

static json_t *make(void)
{
    json_t *object = json_object(), *array = json_array();
    for (unsigned i = 0; i < 40; i++) /* enough to make both grow */
        json_append(&array, json_integer(i));
    json_add(&object, "array", array);
    json_add(&object, "string", json_string("value"));
    return object;
}

START_TEST(it_is_null_where_memory_runs_out)
{
    expect_null_or_all_where_memory_runs_out(make);
}
END_TEST

SUITE("json_build", pieces_are_put_together, where_a_piece_is_missing_the_whole_is, it_is_null_where_memory_runs_out)
