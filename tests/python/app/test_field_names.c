#include "python/app/field_names.h"

#include <string.h>

#include "python/app_calls.h"
#include "suite.h"

static struct field_names names;
static unsigned count;

static PyObject *make(const char *name, size_t length)
{
    count++;
    return PyBytes_FromStringAndSize(name, (Py_ssize_t)length);
}

/* Asks for the name's bytes, which must be those of the name. */
static void expect_name(const char *name, size_t length)
{
    PyObject *found = field_names_get(&names, name, length, make);
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq((size_t)PyBytes_GET_SIZE(found), length);
    ck_assert_mem_eq(PyBytes_AS_STRING(found), name, length);
    Py_DECREF(found);
}

START_TEST(a_short_name_is_made_once)
{
    implementations_open();
    for (unsigned i = 0; i < 3; i++) {
        expect_name("Accept", 6);
        expect_name("accept", 6);
        expect_name("Accep", 5);
    }
    ck_assert_uint_eq(count, 3);
    field_names_close(&names);
    implementations_close();
}
END_TEST

START_TEST(a_long_name_is_made_each_time)
{
    char name[FIELD_NAME_BYTES + 1];
    memset(name, 'n', sizeof name);
    implementations_open();
    for (unsigned i = 0; i < 2; i++) {
        expect_name(name, FIELD_NAME_BYTES);
        expect_name(name, FIELD_NAME_BYTES + 1);
    }
    ck_assert_uint_eq(count, 3);
    field_names_close(&names);
    implementations_close();
}
END_TEST

START_TEST(names_that_share_a_slot_are_told_apart)
{
    char name[8];
    implementations_open();
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 4 * FIELD_NAMES; i++) {
            int length = snprintf(name, sizeof name, "n%u", i);
            expect_name(name, (size_t)length);
        }
    field_names_close(&names);
    implementations_close();
}
END_TEST

static PyObject *raise_error(const char *name, size_t length)
{
    (void)name;
    (void)length;
    return PyErr_NoMemory();
}

START_TEST(a_name_that_cannot_be_made_is_not_remembered)
{
    implementations_open();
    ck_assert_ptr_null(field_names_get(&names, "a", 1, raise_error));
    app_expect_raised("MemoryError");
    expect_name("a", 1);
    field_names_close(&names);
    implementations_close();
}
END_TEST

SUITE("field_names", a_short_name_is_made_once, a_long_name_is_made_each_time, names_that_share_a_slot_are_told_apart,
      a_name_that_cannot_be_made_is_not_remembered)
