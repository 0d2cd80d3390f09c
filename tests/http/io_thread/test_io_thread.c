/* One io_thread: a server's loop with its connections, the request filter and the exchange. It is tested through
 * sockets, with a model whose answers the test gives. */
#include "http/io_thread/io_thread.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/served.h"
#include "suite.h"

START_TEST(pipelined_requests_are_answered_in_their_order)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    for (unsigned round = 0; round < 20; round++) {
        client_send(fd, CLIENT_POST("Content-Length: 5\r\n") "first" CLIENT_GET("/nothing") CLIENT_POST(
                            "Transfer-Encoding: chunked\r\n") "3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n" CLIENT_POST(""));
        client_expect_answer(fd, 200, "first");
        client_expect_answer(fd, 404, "{\"error\":\"no workload nothing; / lists them\"}");
        client_expect_answer(fd, 200, "second");
        client_expect_answer(fd, 200, "");
    }
    close(fd);
    served_close();
}
END_TEST

START_TEST(an_answer_may_come_from_another_thread_at_once)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    for (unsigned i = 0; i < 50; i++) {
        client_send(fd, CLIENT_GET("/later"));
        served_answer(served_later(), "from elsewhere");
        client_expect_answer(fd, 200, "from elsewhere");
    }
    close(fd);
    served_close();
}
END_TEST

START_TEST(an_answer_may_come_after_the_connection_was_suspended)
{
    served_defaults();
    served_open();
    int waiting = served_connect(), other = served_connect();
    client_send(waiting, CLIENT_GET("/later"));
    struct request *request = served_later();
    /* Each of these requests causes at least one daemon run. libmicrohttpd then asks for the missing answer, too, more
     * often than it may. */
    for (unsigned i = 0; i < 100; i++) {
        client_send(other, CLIENT_POST(""));
        client_expect_answer(other, 200, "");
    }
    served_answer(request, "at last");
    client_expect_answer(waiting, 200, "at last");
    client_send(waiting, CLIENT_POST(""));
    client_expect_answer(waiting, 200, "");
    close(waiting);
    close(other);
    served_close();
}
END_TEST

START_TEST(a_full_queue_is_a_503)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_GET("/never"));
    client_expect_answer(fd, 503, "{\"error\":\"the queue of test is full (--queue-limit 1024); try again later\"}");
    ck_assert_ptr_nonnull(strstr(client_head, "Retry-After: 1\r\n"));
    served_expect(&served_stats()->rejected[REFUSED_QUEUE_FULL], 1);
    close(fd);
    served_close();
}
END_TEST

START_TEST(past_its_time_a_request_is_a_504_and_its_answer_dropped)
{
    served_defaults();
    served_config.request_timeout_ns = 30 * NS_PER_MS;
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_GET("/later"));
    struct request *request = served_later();
    client_expect_answer(fd, 504, "{\"error\":\"the handler was not done within --request-timeout\"}");
    ck_assert(request_given_up(request));
    client_send(fd, CLIENT_POST(""));
    client_expect_answer(fd, 200, "");
    served_answer(request, "too late");
    client_send(fd, CLIENT_POST("Content-Length: 1\r\n") "x");
    client_expect_answer(fd, 200, "x");
    served_expect(&served_stats()->rejected[REFUSED_HANDLER_TIMEOUT], 1);
    close(fd);
    served_close();
}
END_TEST

static void wait_until_given_up(const struct request *request)
{
    while (!request_given_up(request))
        sched_yield();
}

START_TEST(a_client_may_leave_while_a_model_has_its_request)
{
    served_defaults();
    served_open();
    for (unsigned reset = 0; reset < 2; reset++) {
        int fd = served_connect();
        client_send(fd, CLIENT_GET("/later"));
        struct request *request = served_later();
        client_reset(fd);
        wait_until_given_up(request);
        served_expect(&served_stats()->connections_closed, reset + 1);
        served_answer(request, "nobody is there");
    }
    served_close();
}
END_TEST

START_TEST(an_idle_connection_is_closed_after_a_while)
{
    served_defaults();
    served_config.keep_alive_ns = 20 * NS_PER_MS;
    served_open();
    int fd = served_connect();
    client_send(fd, CLIENT_POST(""));
    client_expect_answer(fd, 200, "");
    client_expect_closed(fd);
    served_close();
}
END_TEST

/* An answer from a timer lets the next request begin, whose timer may be due at once. The loop must still get to its
 * other events. */
START_TEST(answers_from_timers_leave_the_loop_to_others)
{
    enum { CLIENTS = 50, EACH = 100 };
    static char requests[EACH * sizeof CLIENT_GET("/soon")];
    int fds[CLIENTS];
    for (unsigned i = 0; i < EACH; i++)
        strcat(requests, CLIENT_GET("/soon"));
    served_defaults();
    served_open();
    for (unsigned i = 0; i < CLIENTS; i++)
        fds[i] = served_connect();
    for (unsigned i = 0; i < CLIENTS; i++)
        client_send(fds[i], requests);
    for (unsigned i = 0; i < CLIENTS; i++)
        for (unsigned r = 0; r < EACH; r++)
            client_expect_answer(fds[i], 200, "");
    unsigned in_a_row_max = atomic_load(&served_fired_in_a_row_max);
    ck_assert_uint_le(in_a_row_max, 1000);
    for (unsigned i = 0; i < CLIENTS; i++)
        close(fds[i]);
    served_close();
}
END_TEST

START_TEST(a_drain_answers_what_is_in_flight_and_closes_the_rest)
{
    served_defaults();
    served_open();
    int idle = served_connect(), partial = served_connect(), fresh = served_connect(), flying = served_connect();
    client_send(idle, CLIENT_POST(""));
    client_expect_answer(idle, 200, "");
    client_send(partial, "POST /no");
    client_send(flying, CLIENT_GET("/later"));
    struct request *request = served_later();
    served_drain();
    client_expect_closed(idle);
    client_expect_closed(partial);
    client_expect_closed(fresh);
    served_answer(request, "the last one");
    client_expect_answer(flying, 200, "the last one");
    ck_assert_ptr_nonnull(strstr(client_head, "Connection: close\r\n"));
    client_expect_closed(flying);
    served_close();
}
END_TEST

SUITE("io_thread", pipelined_requests_are_answered_in_their_order, an_answer_may_come_from_another_thread_at_once,
      an_answer_may_come_after_the_connection_was_suspended, a_full_queue_is_a_503,
      past_its_time_a_request_is_a_504_and_its_answer_dropped, a_client_may_leave_while_a_model_has_its_request,
      answers_from_timers_leave_the_loop_to_others, an_idle_connection_is_closed_after_a_while,
      a_drain_answers_what_is_in_flight_and_closes_the_rest)
