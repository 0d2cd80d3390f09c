/* Clients that leave while their connections are suspended, tested through sockets. */
#include "http/connection/disconnect_watch.h"

#include <sys/socket.h>
#include <unistd.h>

#include "http/client.h"
#include "http/served.h"
#include "http/streams.h"
#include "suite.h"

START_TEST(a_half_closed_client_is_told_of_and_still_answered)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_GET("/mount"));
    struct request *request = served_later();
    shutdown(fd, SHUT_WR);
    served_until(&served_half_closed, 1);
    ck_assert_uint_eq(atomic_load(&served_cancelled), 0);
    served_answer(request, "still there");
    client_expect_answer(fd, 200, "still there");
    client_expect_closed(fd);
    served_close();
}
END_TEST

START_TEST(a_reset_takes_the_request_from_its_model)
{
    served_defaults();
    served_open();
    for (unsigned round = 1; round <= 3; round++) {
        int fd = served_connect();
        client_send(fd, CLIENT_POST("")); /* so that the next is not the first request of the connection */
        client_expect_answer(fd, 200, "");
        client_send(fd, CLIENT_GET("/mount/path"));
        struct request *request = served_later();
        usleep(100000); /* may suspend the connection; the reset must be seen in both states */
        client_reset(fd);
        served_until(&served_cancelled, round);
        served_expect(&served_stats()->connections_closed, round);
        served_answer(request, "nobody is there");
    }
    ck_assert_uint_eq(atomic_load(&served_half_closed), 0);
    served_close();
}
END_TEST

START_TEST(the_next_request_on_the_connection_is_watched_anew)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    for (unsigned round = 0; round < 3; round++) {
        client_send(fd, CLIENT_GET("/mount"));
        struct request *request = served_later();
        usleep(100000); /* so that the connection is suspended */
        served_answer(request, "here");
        client_expect_answer(fd, 200, "here");
    }
    client_send(fd, CLIENT_GET("/mount") CLIENT_GET("/mount"));
    shutdown(fd, SHUT_WR);
    for (unsigned told = 1; told <= 2; told++) {
        struct request *request = served_later();
        served_until(&served_half_closed, told);
        served_answer(request, "piped");
        client_expect_answer(fd, 200, "piped");
    }
    client_expect_closed(fd);
    served_close();
}
END_TEST

START_TEST(past_its_time_nobody_is_watched)
{
    served_defaults();
    served_config.request_timeout_ns = 150 * 1000 * 1000;
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_GET("/mount"));
    struct request *request = served_later();
    client_expect_answer(fd, 504, NULL);
    served_until(&served_cancelled, 1);
    client_send(fd, CLIENT_POST("Content-Length: 1\r\n") "x");
    client_expect_answer(fd, 200, "x");
    shutdown(fd, SHUT_WR);
    client_expect_closed(fd);
    served_answer(request, "too late");
    served_close();
    ck_assert_uint_eq(atomic_load(&served_half_closed), 0);
}
END_TEST

START_TEST(a_stream_that_waits_learns_that_its_client_has_left)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_GET("/quiet"));
    ck_assert_uint_eq(client_read_head(fd), 200);
    served_until(&streams_open, 1);
    shutdown(fd, SHUT_WR);
    served_until(&streams_half_closed, 1);
    ck_assert_uint_eq(atomic_load(&streams_open), 1);
    close(fd);

    fd = served_connect();
    client_send(fd, CLIENT_GET("/quiet"));
    ck_assert_uint_eq(client_read_head(fd), 200);
    served_until(&streams_open, 2);
    client_reset(fd);
    served_until(&streams_open, 1);
    ck_assert_uint_eq(atomic_load(&streams_half_closed), 1);
    served_close(); /* ends the other stream */
    served_until(&streams_open, 0);
}
END_TEST

SUITE("disconnect_watch", a_half_closed_client_is_told_of_and_still_answered, a_reset_takes_the_request_from_its_model,
      the_next_request_on_the_connection_is_watched_anew, past_its_time_nobody_is_watched,
      a_stream_that_waits_learns_that_its_client_has_left)
