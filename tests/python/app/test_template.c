#include "python/app/template.h"

#include <string.h>

#include "python/app_calls.h"
#include "python/tree.h"
#include "suite.h"

static PyObject *dict, *key;
static struct template_text last;
static unsigned decoded;

static PyObject *decode(const char *text, size_t length)
{
    decoded++;
    return template_latin_1(text, length);
}

static void open_template(void)
{
    implementations_open();
    dict = PyDict_New();
    key = PyUnicode_FromString("key");
}

static void close_template(void)
{
    tree_python("copy = None\n");
    Py_CLEAR(dict);
    Py_CLEAR(key);
    implementations_close();
}

static void expect_copy(const char *text)
{
    PyObject *value = PyDict_GetItemWithError(dict, key);
    ck_assert(value && PyUnicode_CompareWithASCIIString(value, text) == 0);
}

static void put(const char *text, size_t length)
{
    ck_assert(template_put_text(dict, key, &last, text, length, decode));
}

START_TEST(a_text_is_decoded_when_it_changes)
{
    open_template();
    put("ab", 2);
    expect_copy("ab");
    put("abc", 2);
    expect_copy("ab");
    ck_assert_uint_eq(decoded, 1);
    put("abc", 3);
    expect_copy("abc");
    put("", 0);
    expect_copy("");
    put("", 0);
    ck_assert_uint_eq(decoded, 3);
    close_template();
}
END_TEST

START_TEST(a_long_text_is_decoded_each_time)
{
    char text[TEMPLATE_TEXT_BYTES + 1];
    memset(text, 'x', sizeof text);
    open_template();
    put(text, sizeof text - 1);
    put(text, sizeof text - 1);
    ck_assert_uint_eq(decoded, 1);
    put(text, sizeof text);
    put(text, sizeof text);
    ck_assert_uint_eq(decoded, 3);
    put(text, sizeof text - 1);
    ck_assert_uint_eq(decoded, 4);
    close_template();
}
END_TEST

static PyObject *raise_error(const char *text, size_t length)
{
    (void)text;
    (void)length;
    PyErr_SetString(PyExc_ValueError, "no");
    return NULL;
}

START_TEST(after_a_failure_nothing_is_known)
{
    open_template();
    put("a", 1);
    ck_assert(!template_put_text(dict, key, &last, "b", 1, raise_error));
    app_expect_raised("ValueError: no");
    put("a", 1);
    ck_assert_uint_eq(decoded, 2);
    close_template();
}
END_TEST

/* The size of a dict shows whether it has grown. */
START_TEST(a_copy_has_room_for_further_keys)
{
    open_template();
    app_show("dict", Py_NewRef(dict));
    tree_python("import sys\ndict.update((str(i), i) for i in range(21))\n"); /* 21 of 32 slots: it is full */
    ck_assert(template_make_room(dict, 3));
    tree_python("assert list(dict) == [str(i) for i in range(21)]\n"
                "copy = dict.copy()\n"
                "before = sys.getsizeof(copy)\n"
                "copy.update(a=1, b=2, c=3)\n"
                "assert sys.getsizeof(copy) == before\n"
                "del dict\n");
    close_template();
}
END_TEST

SUITE("template", a_text_is_decoded_when_it_changes, a_long_text_is_decoded_each_time, after_a_failure_nothing_is_known,
      a_copy_has_room_for_further_keys)
