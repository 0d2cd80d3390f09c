#include "python/wsgi/response.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "captured_log.h"
#include "core/reply_fields.h"
#include "core/stream.h"
#include "python/responses.h"
#include "python/tree.h"
#include "suite.h"

START_TEST(pieces_are_one_body)
{
    responses_open("GET");
    tree_python("start('200 OK', [('X-A', '1')])\n");
    ck_assert(responses_send("[b'a', b'', b'bc', b'd' * 10]"));
    app_expect_reply(request, 200, "abcdddddddddd", "X-A=1;");
    ck_assert_uint_eq(request->reply.length, REPLY_LENGTH_OPEN);
    responses_close();
}
END_TEST

START_TEST(a_reply_is_a_copy)
{
    responses_open("GET");
    tree_python("start('200 OK', [])\npieces = [b'%d' % number * 1000 for number in (7,)]\n");
    ck_assert(responses_send("pieces"));
    tree_python("del pieces\n");
    ck_assert_uint_eq(request->reply.body_bytes, 1000);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_int_eq(request->reply.body[i], '7');
    responses_close();
}
END_TEST

START_TEST(without_a_status_there_is_no_reply)
{
    responses_open("GET");
    ck_assert(!responses_send("[b'a']"));
    app_expect_raised("RuntimeError: the app did not call start_response");
    ck_assert(!responses_push("b'a'"));
    app_expect_raised("RuntimeError: the app did not call start_response");
    ck_assert(!wsgi_response_send_head(response));
    app_expect_raised("RuntimeError: the app did not call start_response");
    ck_assert_ptr_eq(response->request, request);
    responses_close();
}
END_TEST

START_TEST(a_body_is_as_long_as_its_length)
{
    responses_open("GET");
    tree_python("start('200 OK', [('Content-Length', '3')])\n");
    ck_assert(!responses_send("[b'a', b'b']"));
    app_expect_raised("has 2 bytes, its Content-Length is 3");
    ck_assert(!responses_send("[b'abcd']"));
    app_expect_raised("has 4 bytes, its Content-Length is 3");
    ck_assert(!response->begun);
    ck_assert(responses_send("[b'a', b'bc']"));
    app_expect_reply(request, 200, "abc", "");
    responses_close();
}
END_TEST

START_TEST(to_head_only_the_length_is_told)
{
    responses_open("HEAD");
    tree_python("start('200 OK', [])\n");
    ck_assert(responses_send("[b'abc', b'd']"));
    app_expect_reply(request, 200, "", "");
    ck_assert_uint_eq(request->reply.length, 4);
    responses_close();
}
END_TEST

START_TEST(what_is_pushed_is_a_stream_and_the_request_is_given_back)
{
    responses_open("GET");
    tree_python("start('200 OK', [('X-A', '1')])\n");
    ck_assert(responses_push("b'first'"));
    ck_assert_ptr_null(response->request);
    app_expect_reply(request, 200, "", "X-A=1;");
    responses_expect_stream("first", STREAM_NOTHING_YET);
    ck_assert(responses_push("b'second'"));
    wsgi_response_end(response, true);
    responses_expect_stream("second", STREAM_END);
    app_take_back(1);
    responses_close();
}
END_TEST

START_TEST(a_stream_is_no_longer_than_its_length)
{
    responses_open("GET");
    tree_python("start('200 OK', [('Content-Length', '3')])\n");
    ck_assert(responses_push("b'ab'"));
    ck_assert(!responses_push("b'cd'"));
    app_expect_raised("is longer than its Content-Length of 3");
    ck_assert(responses_push("b'c'"));
    wsgi_response_end(response, true);
    responses_expect_stream("abc", STREAM_END);
    app_take_back(1);
    responses_close();
}
END_TEST

START_TEST(nor_shorter)
{
    responses_open("GET");
    tree_python("start('200 OK', [('Content-Length', '3')])\n");
    ck_assert(responses_push("b'ab'"));
    captured_log_begin();
    wsgi_response_end(response, true);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "app: ValueError: the app's body has 2 bytes, its Content-Length is 3"), "%s", log);
    responses_expect_stream("ab", STREAM_BROKEN);
    app_take_back(1);
    responses_close();
}
END_TEST

START_TEST(a_stream_that_went_wrong_is_broken)
{
    responses_open("GET");
    tree_python("start('200 OK', [])\n");
    ck_assert(responses_push("b'ab'"));
    wsgi_response_end(response, false);
    wsgi_response_end(response, true); /* no effect: it has ended */
    responses_expect_stream("ab", STREAM_BROKEN);
    app_take_back(1);
    responses_close();
}
END_TEST

START_TEST(a_client_that_has_left_is_an_exception)
{
    responses_open("GET");
    tree_python("start('200 OK', [])\n");
    ck_assert(responses_push("b'ab'"));
    app_take_back(1);
    reply_free(&request->reply); /* as when the connection has ended */
    ck_assert(!responses_push("b'cd'"));
    app_expect_raised("ConnectionResetError: the client has left");
    ck_assert(response->client_left);
    wsgi_response_end(response, false);
    responses_close();
}
END_TEST

static int file_of(const char *bytes)
{
    int file = memfd_create("body", MFD_CLOEXEC);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
    return file;
}

START_TEST(a_file_is_sent_from_its_place_on)
{
    responses_open("GET");
    tree_python("start('200 OK', [('X-A', '1')])\n");
    int file = file_of("0123456789");
    ck_assert(wsgi_response_file(response, file, 4));
    ck_assert_int_eq(request->reply.file, file);
    ck_assert_uint_eq(request->reply.file_at, 4);
    ck_assert_uint_eq(request->reply.length, 6);
    ck_assert_str_eq(reply_fields_value(&request->reply.fields, "x-a"), "1");
    responses_close();
    ck_assert_int_eq(fcntl(file, F_GETFD), -1); /* it was closed with the reply */
}
END_TEST

START_TEST(no_more_of_a_file_than_its_length)
{
    responses_open("GET");
    tree_python("start('200 OK', [('Content-Length', '3')])\n");
    ck_assert(wsgi_response_file(response, file_of("0123456789"), 0));
    ck_assert_uint_eq(request->reply.length, 3);
    responses_close();
}
END_TEST

START_TEST(a_place_behind_the_end_of_a_file_is_its_end)
{
    responses_open("GET");
    tree_python("start('200 OK', [])\n");
    ck_assert(wsgi_response_file(response, file_of("0123"), 1000));
    ck_assert_uint_eq(request->reply.length, 0);
    responses_close();
}
END_TEST

START_TEST(a_file_that_is_too_short_is_closed)
{
    responses_open("GET");
    int file = file_of("0123");
    ck_assert(!wsgi_response_file(response, file, 0));
    app_expect_raised("RuntimeError: the app did not call start_response");
    ck_assert_int_eq(fcntl(file, F_GETFD), -1);
    tree_python("start('200 OK', [('Content-Length', '5')])\n");
    file = file_of("0123");
    ck_assert(!wsgi_response_file(response, file, 0));
    app_expect_raised("has 4 bytes, its Content-Length is 5");
    ck_assert_int_eq(fcntl(file, F_GETFD), -1);
    ck_assert_int_eq(request->reply.file, -1);
    responses_close();
}
END_TEST

SUITE("response", pieces_are_one_body, a_reply_is_a_copy, without_a_status_there_is_no_reply,
      a_body_is_as_long_as_its_length, to_head_only_the_length_is_told,
      what_is_pushed_is_a_stream_and_the_request_is_given_back, a_stream_is_no_longer_than_its_length, nor_shorter,
      a_stream_that_went_wrong_is_broken, a_client_that_has_left_is_an_exception, a_file_is_sent_from_its_place_on,
      no_more_of_a_file_than_its_length, a_place_behind_the_end_of_a_file_is_its_end,
      a_file_that_is_too_short_is_closed)
