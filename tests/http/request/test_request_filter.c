/* The requests that the request filter lets pass and those that it refuses, tested through sockets. */
#include "http/request/request_filter.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/served.h"
#include "suite.h"

START_TEST(a_request_may_come_in_any_pieces)
{
    static const char text[] = CLIENT_POST("Content-Length: 5\r\n") "hello";
    served_defaults();
    served_open();
    int fd = served_connect();
    int on = 1;
    setsockopt(fd, SOL_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    for (size_t piece_bytes = 1; piece_bytes < sizeof text; piece_bytes += 3) {
        for (size_t at = 0; at < sizeof text - 1; at += piece_bytes) {
            char piece[sizeof text] = "";
            strncat(piece, text + at, piece_bytes);
            client_send(fd, piece);
        }
        client_expect_answer(fd, 200, "hello");
    }
    close(fd);
    served_close();
}
END_TEST

START_TEST(a_client_may_close_its_side_behind_its_request)
{
    served_defaults();
    served_open();
    for (unsigned i = 0; i < 20; i++) {
        int fd = served_connect();
        client_send(fd, CLIENT_POST("Content-Length: 1\r\n") "x" CLIENT_POST("Content-Length: 1\r\n") "y");
        ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
        client_expect_answer(fd, 200, "x");
        client_expect_answer(fd, 200, "y");
        client_expect_closed(fd);
    }
    served_close();
}
END_TEST

START_TEST(what_is_refused_is_json_counted_and_closes)
{
    static const struct {
        const char *text;
        unsigned status;
        enum refusal refusal;
    } cases[] = {
        {"GARBAGE\r\n\r\n", 400, REFUSED_MALFORMED},
        {CLIENT_POST("Content-Length: 5\r\nContent-Length: 6\r\n") "hello", 400, REFUSED_MALFORMED},
        {CLIENT_POST("Transfer-Encoding: chunked\r\n") "zz\r\n", 400, REFUSED_MALFORMED},
        {CLIENT_POST("Content-Length: 1001\r\n"), 413, REFUSED_BODY_TOO_LARGE},
        {CLIENT_POST("Content-Length: 1001\r\nExpect: 100-continue\r\n"), 413, REFUSED_BODY_TOO_LARGE},
        {CLIENT_POST("Transfer-Encoding: chunked\r\n") "3e9\r\n", 413, REFUSED_BODY_TOO_LARGE},
        {CLIENT_POST("Transfer-Encoding: chunked\r\n") "3e8\r\n", 408, REFUSED_BODY_TIMEOUT},
        {CLIENT_POST("Content-Length: 5\r\n") "hell", 408, REFUSED_BODY_TIMEOUT},
        {"POST /now HTTP/1.1\r\nHost", 408, REFUSED_HEADER_TIMEOUT},
        {"", 408, REFUSED_HEADER_TIMEOUT},
    };
    served_defaults();
    served_config.max_body_bytes = 1000;
    served_config.request_timeout_ns = served_config.header_timeout_ns = 30 * NS_PER_MS;
    served_open();
    uint64_t expected[REFUSAL_COUNT] = {0};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = served_connect();
        client_send(fd, cases[i].text);
        ck_assert_msg(client_read(fd) == cases[i].status, "%s: %s", cases[i].text, client_head);
        ck_assert(strncmp(client_body, "{\"error\":\"", 10) == 0);
        ck_assert_ptr_nonnull(strstr(client_head, "Connection: close\r\n"));
        ck_assert_ptr_nonnull(strstr(client_head, "Server: tandem\r\n"));
        client_expect_closed(fd);
        served_expect(&served_stats()->rejected[cases[i].refusal], ++expected[cases[i].refusal]);
    }
    served_close();
}
END_TEST

START_TEST(whole_requests_before_a_broken_one_are_answered)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_POST("Content-Length: 1\r\n") "x" CLIENT_GET("/later") "GARBAGE\r\n\r\n");
    client_expect_answer(fd, 200, "x");
    served_answer(served_later(), "whole");
    client_expect_answer(fd, 200, "whole");
    client_expect_answer(fd, 400, NULL);
    client_expect_closed(fd);
    served_close();
}
END_TEST

START_TEST(who_waits_for_100_continue_gets_it)
{
    char interim[] = "HTTP/1.1 100 Continue\r\n\r\n", got[sizeof interim] = "";
    served_defaults();
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_POST("Content-Length: 5\r\nExpect: 100-continue\r\n"));
    ck_assert_int_eq(recv(fd, got, sizeof interim - 1, MSG_WAITALL), (ssize_t)sizeof interim - 1);
    ck_assert_str_eq(got, interim);
    client_send(fd, "hello");
    client_expect_answer(fd, 200, "hello");
    close(fd);
    served_close();
}
END_TEST

SUITE("request_filter", a_request_may_come_in_any_pieces, a_client_may_close_its_side_behind_its_request,
      what_is_refused_is_json_counted_and_closes, whole_requests_before_a_broken_one_are_answered,
      who_waits_for_100_continue_gets_it)
