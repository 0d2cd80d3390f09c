#include "python/app/borrowed_bytes.h"

#include "python/responses.h"
#include "suite.h"

static PyObject *put(const char *expression)
{
    PyObject *bytes = app_value(expression);
    borrowed_bytes_put(implementations_thread, request, 200, bytes);
    ck_assert_uint_eq(request->reply.status, 200);
    ck_assert_uint_eq(request->reply.body_bytes, (size_t)PyBytes_GET_SIZE(bytes));
    ck_assert_mem_eq(request->reply.body, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    return bytes;
}

static bool is_borrowed(PyObject *bytes)
{
    return request->reply.body == PyBytes_AS_STRING(bytes);
}

START_TEST(the_loop_has_the_bytes_themselves_until_the_gil_is_held_again)
{
    responses_open_on_loop();
    PyObject *bytes = put("bytes([7]) * 1000");
    ck_assert(is_borrowed(bytes));
    Py_ssize_t borrowed = Py_REFCNT(bytes);
    reply_free(&request->reply);
    ck_assert_int_eq(Py_REFCNT(bytes), borrowed);
    ck_assert(!borrowed_bytes_is_due(implementations_thread));
    borrowed_bytes_let_go(implementations_thread);
    ck_assert_int_eq(Py_REFCNT(bytes), borrowed - 1);
    borrowed_bytes_let_go(implementations_thread);
    Py_DECREF(bytes);
    responses_close();
}
END_TEST

static void expect_copied_and_close(const char *expression)
{
    PyObject *bytes = put(expression);
    ck_assert(!is_borrowed(bytes));
    Py_DECREF(bytes);
    responses_close();
}

START_TEST(what_is_small_is_copied)
{
    responses_open_on_loop();
    expect_copied_and_close("b'small'");
}
END_TEST

START_TEST(another_thread_has_a_copy)
{
    responses_open("GET");
    expect_copied_and_close("bytes([7]) * 1000");
}
END_TEST

START_TEST(much_that_has_come_back_is_let_go_of_soon)
{
    responses_open_on_loop();
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(!borrowed_bytes_is_due(implementations_thread));
        Py_DECREF(put("bytes([7]) * 400_000"));
        reply_free(&request->reply);
    }
    ck_assert(borrowed_bytes_is_due(implementations_thread));
    borrowed_bytes_let_go(implementations_thread);
    ck_assert(!borrowed_bytes_is_due(implementations_thread));
    responses_close();
}
END_TEST

static void count(void *owner)
{
    ++*(unsigned *)owner;
}

START_TEST(a_thread_that_can_be_woken_lends_its_bytes_to_the_loop)
{
    unsigned wakes = 0;
    responses_open("GET");
    implementations_thread->owner = &wakes;
    implementations_thread->wake = count;
    PyObject *bytes = put("bytes([7]) * 1000");
    ck_assert(is_borrowed(bytes));
    Py_ssize_t borrowed = Py_REFCNT(bytes);
    reply_free(&request->reply);
    ck_assert_uint_eq(wakes, 0); /* they wait for the next time that the thread holds the GIL */
    Py_DECREF(put("bytes([7]) * 1_100_000"));
    reply_free(&request->reply);
    ck_assert_uint_eq(wakes, 1);
    borrowed_bytes_let_go(implementations_thread);
    ck_assert_int_eq(Py_REFCNT(bytes), borrowed - 1);
    Py_DECREF(bytes);
    implementations_thread->wake = NULL;
    responses_close();
}
END_TEST

SUITE("borrowed_bytes", the_loop_has_the_bytes_themselves_until_the_gil_is_held_again, what_is_small_is_copied,
      another_thread_has_a_copy, much_that_has_come_back_is_let_go_of_soon,
      a_thread_that_can_be_woken_lends_its_bytes_to_the_loop)
