/* Replies that are streams, tested through sockets. */
#include "http/exchange/response_stream.h"

#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/served.h"
#include "http/streams.h"
#include "suite.h"

/* Reads a chunked body up to its end, and joins the chunks. */
static void expect_chunks(int fd, const char *body)
{
    char joined[1024] = "";
    for (size_t length = 1; length > 0;) {
        char line[32] = "";
        for (size_t at = 0; !strstr(line, "\r\n"); at++)
            ck_assert_int_eq(recv(fd, line + at, 1, 0), 1);
        ck_assert_int_eq(sscanf(line, "%zx\r\n", &length), 1);
        size_t at = strlen(joined);
        ck_assert_int_eq(recv(fd, joined + at, length + 2, MSG_WAITALL), (ssize_t)length + 2);
        ck_assert_mem_eq(joined + at + length, "\r\n", 2);
        joined[at + length] = '\0';
    }
    ck_assert_str_eq(joined, body);
}

static void expect_stream(int fd)
{
    ck_assert_uint_eq(client_read_head(fd), 200);
    client_expect_line("Transfer-Encoding: chunked");
    client_expect_line("Content-Type: text/plain; charset=utf-8");
    ck_assert_ptr_null(strstr(client_head, "Content-Length"));
}

static void expect_open(unsigned count)
{
    served_until(&streams_open, count);
}

START_TEST(pieces_come_when_they_are_there_and_the_connection_stays_good)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    for (unsigned round = 0; round < 10; round++) {
        client_send(fd, CLIENT_GET("/drip") CLIENT_POST("Content-Length: 1\r\n") "x");
        expect_stream(fd);
        expect_chunks(fd, "1\n2\n3\n4\n5\n");
        client_expect_answer(fd, 200, "x");
    }
    expect_open(0);
    close(fd);
    served_close();
}
END_TEST

START_TEST(in_http_1_0_it_ends_with_the_connection)
{
    char body[32];
    served_defaults();
    served_open();
    int fd = served_connect();
    client_send(fd, "GET /drip HTTP/1.0\r\n\r\n");
    ck_assert_uint_eq(client_read_head(fd), 200);
    client_expect_line("Connection: close");
    ck_assert_ptr_null(strstr(client_head, "Transfer-Encoding"));
    ck_assert_int_eq(recv(fd, body, sizeof body, MSG_WAITALL), 10);
    ck_assert_mem_eq(body, "1\n2\n3\n4\n5\n", 10);
    client_expect_closed(fd);
    served_close();
}
END_TEST

START_TEST(a_head_is_all_that_HEAD_gets)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    client_send(fd, "HEAD /flood HTTP/1.1\r\nHost: x\r\n\r\n");
    ck_assert_uint_eq(client_read_head(fd), 200);
    client_expect_line("Content-Type: text/plain; charset=utf-8");
    client_expect_line("Transfer-Encoding: chunked"); /* as for GET: RFC 9110, 9.3.2 */
    ck_assert_uint_eq(atomic_load(&streams_flooded), 0);
    client_send(fd, CLIENT_POST(""));
    client_expect_answer(fd, 200, "");
    close(fd);
    served_close();
}
END_TEST

START_TEST(the_head_goes_out_before_there_is_a_piece)
{
    served_defaults();
    served_config.request_timeout_ns = 20 * NS_PER_MS;
    served_open();
    int fd = served_connect();
    struct rusage before, after;
    client_send(fd, CLIENT_GET("/silent"));
    expect_stream(fd);
    /* The time limit is only for the client. A stream that waits takes no processor time. */
    getrusage(RUSAGE_SELF, &before);
    usleep(300000);
    getrusage(RUSAGE_SELF, &after);
    ck_assert_int_lt(after.ru_utime.tv_sec * 1000000 + after.ru_utime.tv_usec - before.ru_utime.tv_sec * 1000000 -
                         before.ru_utime.tv_usec,
                     100000);
    expect_open(1);
    ck_assert_uint_eq(counter_read(&served_stats()->rejected[REFUSED_WRITE_TIMEOUT]), 0);
    served_drain();
    expect_chunks(fd, "over");
    client_expect_closed(fd);
    served_close();
    expect_open(0);
}
END_TEST

START_TEST(one_that_breaks_off_is_not_ended)
{
    char bytes[64];
    served_defaults();
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_GET("/broken"));
    expect_stream(fd);
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_WAITALL);
    ck_assert_int_eq(got, 7);
    ck_assert_mem_eq(bytes, "2\r\n1\n\r\n", 7);
    close(fd);
    expect_open(0);
    served_close();
}
END_TEST

START_TEST(a_client_that_takes_nothing_is_closed_and_little_is_produced_for_it)
{
    static char bytes[32 * 1024];
    int receives = sizeof bytes;
    served_defaults();
    served_config.request_timeout_ns = NS_PER_S;
    served_open();
    int fd = served_connect();
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receives, sizeof receives), 0);
    client_send(fd, CLIENT_GET("/flood"));
    /* Takes longer in all than the limit, which is for each piece. */
    for (unsigned i = 0; i < 12; i++) {
        ck_assert_int_eq(recv(fd, bytes, sizeof bytes, MSG_WAITALL), (ssize_t)sizeof bytes);
        usleep(90000);
    }
    expect_open(1);
    served_expect(&served_stats()->rejected[REFUSED_WRITE_TIMEOUT], 1);
    expect_open(0);
    /* Without connection_limit_unsent, the kernel would hold several megabytes. */
    ck_assert_uint_lt(atomic_load(&streams_flooded), 12 * sizeof bytes + (1 << 20));
    close(fd);
    served_close();
}
END_TEST

/* Returns a connected socket with the smallest room for what comes in. */
static int connect_with_little_room(void)
{
    struct sockaddr_in address;
    socklen_t bytes = sizeof address;
    int least = 1, other = served_connect(), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(getpeername(other, (struct sockaddr *)&address, &bytes), 0);
    close(other);
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least), 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* The kernel has all the bytes, though the client has not: there is nothing left to send that would fail. */
START_TEST(a_client_that_takes_nothing_is_closed_though_the_stream_has_nothing_more)
{
    served_defaults();
    served_config.request_timeout_ns = NS_PER_S;
    served_open();
    int fd = connect_with_little_room();
    client_send(fd, CLIENT_GET("/paused"));
    served_expect(&served_stats()->rejected[REFUSED_WRITE_TIMEOUT], 1);
    expect_open(0);
    close(fd);
    served_close();
}
END_TEST

/* Expects the end of the connection without the last chunk. */
static void expect_broken(int fd)
{
    static char bytes[64 * 1024];
    char last[5] = "";
    ssize_t got;
    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0)
        if (got >= (ssize_t)sizeof last)
            memcpy(last, bytes + got - sizeof last, sizeof last);
    ck_assert_mem_ne(last, "0\r\n\r\n", sizeof last);
    close(fd);
}

START_TEST(with_reload_a_drain_breaks_off_what_goes_on)
{
    int fds[3];
    served_defaults();
    served_config.reload = true;
    served_open();
    for (unsigned i = 0; i < 3; i++) {
        fds[i] = served_connect();
        client_send(fds[i], i == 0 ? CLIENT_GET("/deaf") : CLIENT_GET("/flood"));
        expect_stream(fds[i]);
    }
    served_drain();
    expect_broken(fds[0]);
    expect_broken(fds[1]);
    while (!served_drained()) /* nobody reads from the third connection */
        sched_yield();
    expect_broken(fds[2]);
    served_close();
    expect_open(0);
}
END_TEST

START_TEST(a_client_may_leave_at_any_moment)
{
    static const char *const requests[] = {CLIENT_GET("/flood"), CLIENT_GET("/drip")};
    served_defaults();
    served_open();
    for (unsigned i = 0; i < 40; i++) {
        char bytes[1000];
        struct linger at_once = {.l_onoff = 1};
        int fd = served_connect();
        if (i & 1)
            ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
        client_send(fd, requests[i / 2 % 2]);
        if (i % 3)
            ck_assert_int_gt(recv(fd, bytes, sizeof bytes, 0), 0);
        close(fd);
    }
    served_expect(&served_stats()->connections_closed, 40);
    expect_open(0);
    served_close();
}
END_TEST

START_TEST(a_hundred_at_once)
{
    enum { CLIENTS = 100 };
    int fds[CLIENTS];
    served_defaults();
    served_config.loops = 2;
    served_open();
    for (unsigned i = 0; i < CLIENTS; i++) {
        fds[i] = served_connect();
        client_send(fds[i], i % 2 ? CLIENT_GET("/drip") : CLIENT_GET("/silent"));
    }
    for (unsigned i = 1; i < CLIENTS; i += 2) {
        expect_stream(fds[i]);
        expect_chunks(fds[i], "1\n2\n3\n4\n5\n");
    }
    for (unsigned i = 0; i < CLIENTS; i += 2)
        expect_stream(fds[i]);
    served_drain();
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (i % 2 == 0)
            expect_chunks(fds[i], "over");
        client_expect_closed(fds[i]);
    }
    served_close();
}
END_TEST

SUITE("response_stream", pieces_come_when_they_are_there_and_the_connection_stays_good,
      in_http_1_0_it_ends_with_the_connection, a_head_is_all_that_HEAD_gets, the_head_goes_out_before_there_is_a_piece,
      one_that_breaks_off_is_not_ended, a_client_that_takes_nothing_is_closed_and_little_is_produced_for_it,
      a_client_that_takes_nothing_is_closed_though_the_stream_has_nothing_more,
      with_reload_a_drain_breaks_off_what_goes_on, a_client_may_leave_at_any_moment, a_hundred_at_once)
