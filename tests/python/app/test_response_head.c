#include "python/app/response_head.h"

#include <string.h>

#include "core/reply_fields.h"
#include "core/stream.h"
#include "python/app_calls.h"
#include "suite.h"

static struct response_head head;

static bool add_bytes(const char *name, const char *value, size_t value_bytes)
{
    PyObject *field = Py_BuildValue("(yy#)", name, value, (Py_ssize_t)value_bytes);
    bool good = response_head_add(&head, name, strlen(name), value, value_bytes, field);
    ck_assert_int_eq(good, !PyErr_Occurred());
    Py_DECREF(field);
    return good;
}

static bool add(const char *name, const char *value)
{
    return add_bytes(name, value, strlen(value));
}

static void open_head(unsigned status)
{
    implementations_open();
    response_head_clear(&head);
    head.status = status;
}

static void close_head(void)
{
    response_head_clear(&head);
    implementations_close();
}

START_TEST(fields_are_kept_in_their_order)
{
    open_head(200);
    ck_assert(add("Set-Cookie", "a=1"));
    ck_assert(add("x-empty", ""));
    ck_assert(add("set-cookie", "b=\xe9"));
    ck_assert_str_eq(reply_fields_text(&head.fields), "Set-Cookie=a=1;x-empty=;set-cookie=b=\xe9;");
    ck_assert_uint_eq(head.length, REPLY_LENGTH_OPEN);
    close_head();
}
END_TEST

START_TEST(what_is_the_server_s_to_say_is_dropped)
{
    static const char *const names[] = {"Connection", "KEEP-ALIVE", "Proxy-Authenticate", "proxy-authorization",
                                        "TE",         "Trailer",    "TRANSFER-ENCODING",  "Upgrade"};
    open_head(200);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert(add(names[i], "x"));
    ck_assert(add("Upgrade-Insecure-Requests", "1"));
    ck_assert(add("T", "1"));
    ck_assert_str_eq(reply_fields_text(&head.fields), "Upgrade-Insecure-Requests=1;T=1;");
    close_head();
}
END_TEST

START_TEST(no_response_is_split)
{
    static const char *const names[] = {"", "a b", "a:", "a\r\nb", "\xc3\xa9", "a\t"};
    static const char *const values[] = {"a\nb", "a\r\n\r\n<p>", "\r", "a\x01", "\x7f"};
    open_head(200);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_msg(!add(names[i], "x"), "%s", names[i]);
        app_expect_raised("is no header: the name or the value has a forbidden byte");
    }
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        ck_assert_msg(!add("X-A", values[i]), "%s", values[i]);
        app_expect_raised("ValueError: (b'X-A', b'");
    }
    ck_assert(!add_bytes("X-A", "a\0b", 3));
    app_expect_raised("ValueError: (b'X-A', b'a\\x00b')");
    ck_assert_str_eq(reply_fields_text(&head.fields), "");
    close_head();
}
END_TEST

START_TEST(a_length_is_digits)
{
    static const char *const lengths[] = {"",   "-1",   "+1",  "1 ",  " 1",   "1,1",
                                          "1.", "0x10", "1e3", "ten", "\xb2", "9999999999999999999"};
    open_head(200);
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        ck_assert_msg(!add("content-LENGTH", lengths[i]), "%s", lengths[i]);
        app_expect_raised("ValueError: Content-Length is not a whole number");
        ck_assert_uint_eq(head.length, REPLY_LENGTH_OPEN);
    }
    ck_assert(!add_bytes("Content-Length", "1\0", 2));
    app_expect_raised("ValueError: Content-Length is not a whole number");
    ck_assert(add("Content-Length", "999999999999999999"));
    ck_assert_uint_eq(head.length, 999999999999999999);
    ck_assert_str_eq(reply_fields_text(&head.fields), "");
    close_head();
}
END_TEST

START_TEST(two_lengths_are_one_where_they_are_equal)
{
    open_head(200);
    ck_assert(add("Content-Length", "0"));
    ck_assert(add("content-length", "00"));
    ck_assert(!add("Content-Length", "1"));
    app_expect_raised("ValueError: Content-Length is given twice");
    ck_assert_uint_eq(head.length, 0);
    close_head();
}
END_TEST

START_TEST(a_body_is_measured_by_its_length)
{
    open_head(200);
    ck_assert(response_head_fits(&head, UINT64_MAX));
    ck_assert(response_head_is_whole(&head, 7));
    head.length = 3;
    ck_assert(response_head_fits(&head, 2) && response_head_fits(&head, 3));
    ck_assert(!response_head_fits(&head, 4));
    app_expect_raised("ValueError: the app's body is longer than its Content-Length of 3");
    ck_assert(response_head_is_whole(&head, 3));
    ck_assert(!response_head_is_whole(&head, 2));
    app_expect_raised("ValueError: the app's body has 2 bytes, its Content-Length is 3");
    ck_assert(!response_head_is_whole(&head, 4));
    app_expect_raised("ValueError: the app's body has 4 bytes, its Content-Length is 3");
    close_head();
}
END_TEST

START_TEST(no_body_goes_out_to_head_nor_with_204_and_304)
{
    open_head(200);
    const struct request *get = app_request("GET", "/", ""), *head_request = app_request("HEAD", "/", "");
    ck_assert(response_head_has_body(&head, get) && response_head_has_body(&head, NULL));
    ck_assert(!response_head_has_body(&head, head_request));
    for (unsigned i = 0; i < 2; i++) {
        head.status = i ? 304 : 204;
        ck_assert(!response_head_has_body(&head, get) && !response_head_has_body(&head, NULL));
    }
    close_head();
}
END_TEST

START_TEST(the_fields_become_the_reply_s)
{
    open_head(201);
    struct reply *reply = &app_request("GET", "/", "")->reply;
    ck_assert(add("X-A", "1"));
    reply_borrow(reply, 201, NULL, "body", 4);
    response_head_put(&head, reply);
    ck_assert_str_eq(reply_fields_text(&reply->fields), "X-A=1;");
    ck_assert_str_eq(reply_fields_text(&head.fields), "");
    close_head();
}
END_TEST

START_TEST(a_reply_that_says_that_memory_ran_out_does_without_them)
{
    open_head(201);
    struct reply *reply = &app_request("GET", "/", "")->reply;
    ck_assert(add("Content-Encoding", "gzip"));
    reply_error(reply, 500, REFUSED_HANDLER_ERROR, "out of memory");
    response_head_put(&head, reply);
    ck_assert_str_eq(reply_fields_text(&reply->fields), "");
    close_head();
}
END_TEST

START_TEST(a_stream_has_its_length_and_its_fields)
{
    open_head(200);
    struct reply *reply = &app_request("GET", "/", "")->reply;
    ck_assert(add("X-A", "1") && add("Content-Length", "9"));
    response_head_send_stream(&head, reply, stream_of_nothing());
    ck_assert_ptr_eq(reply->stream, stream_of_nothing());
    ck_assert_uint_eq(reply->status, 200);
    ck_assert_uint_eq(reply->length, 9);
    ck_assert_str_eq(reply_fields_text(&reply->fields), "X-A=1;");
    close_head();
}
END_TEST

static struct reply *send_bare(unsigned status, const char *length)
{
    struct reply *reply = &app_request("HEAD", "/", "")->reply;
    response_head_clear(&head);
    head.status = status;
    ck_assert(add("X-A", "1") && (!length || add("Content-Length", length)));
    response_head_send_bare(&head, reply);
    ck_assert_uint_eq(reply->status, status);
    ck_assert_uint_eq(reply->body_bytes, 0);
    ck_assert_str_eq(reply_fields_text(&reply->fields), "X-A=1;");
    return reply;
}

/* With 204, Content-Length is forbidden (RFC 9110, 8.6); in a response to HEAD it is allowed. A response to HEAD
 * without it gets an empty stream, because the body of GET would be chunked. */
START_TEST(where_no_body_goes_out_its_length_may_be_told)
{
    open_head(200);
    ck_assert_uint_eq(send_bare(200, "9")->length, 9);
    ck_assert_uint_eq(send_bare(204, "9")->length, REPLY_LENGTH_OPEN);
    ck_assert_uint_eq(send_bare(304, NULL)->length, REPLY_LENGTH_OPEN);
    ck_assert_ptr_null(send_bare(204, NULL)->stream);
    ck_assert_ptr_null(send_bare(200, "9")->stream);
    const struct reply *reply = send_bare(200, NULL);
    ck_assert_uint_eq(reply->length, REPLY_LENGTH_OPEN);
    ck_assert_ptr_nonnull(reply->stream);
    ck_assert_int_eq(reply->stream->ops->next(reply->stream, NULL, 0), STREAM_END);
    close_head();
}
END_TEST

SUITE("response_head", fields_are_kept_in_their_order, what_is_the_server_s_to_say_is_dropped, no_response_is_split,
      a_length_is_digits, two_lengths_are_one_where_they_are_equal, a_body_is_measured_by_its_length,
      no_body_goes_out_to_head_nor_with_204_and_304, the_fields_become_the_reply_s,
      a_reply_that_says_that_memory_ran_out_does_without_them, a_stream_has_its_length_and_its_fields,
      where_no_body_goes_out_its_length_may_be_told)
