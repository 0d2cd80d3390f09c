/* The front, its connections, the guard and the exchange: a server's loop with all that belongs to it, seen through
 * sockets, and a model whose answers the test gives. */
#include "http/front.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "served.h"
#include "suite.h"

START_TEST(pipelined_requests_are_answered_in_their_order)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    for (unsigned round = 0; round < 20; round++) {
        served_send(fd, SERVED_POST("Content-Length: 5\r\n") "first" SERVED_GET("/nothing") SERVED_POST(
                            "Transfer-Encoding: chunked\r\n") "3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n" SERVED_POST(""));
        served_expect_answer(fd, 200, "first");
        served_expect_answer(fd, 404, "{\"error\":\"no workload nothing; / lists them\"}");
        served_expect_answer(fd, 200, "second");
        served_expect_answer(fd, 200, "");
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
        served_send(fd, SERVED_GET("/later"));
        served_answer(served_later(), "from elsewhere");
        served_expect_answer(fd, 200, "from elsewhere");
    }
    close(fd);
    served_close();
}
END_TEST

START_TEST(an_answer_may_come_after_the_connection_was_put_aside)
{
    served_defaults();
    served_open();
    int waiting = served_connect(), other = served_connect();
    served_send(waiting, SERVED_GET("/later"));
    struct request *request = served_later();
    /* Each of these is a run of libmicrohttpd, or several: it asks for the answer more often than it may. */
    for (unsigned i = 0; i < 100; i++) {
        served_send(other, SERVED_POST(""));
        served_expect_answer(other, 200, "");
    }
    served_answer(request, "at last");
    served_expect_answer(waiting, 200, "at last");
    served_send(waiting, SERVED_POST(""));
    served_expect_answer(waiting, 200, "");
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
    served_send(fd, SERVED_GET("/never"));
    served_expect_answer(fd, 503, "{\"error\":\"the queue of test is full (--queue-limit 1024); try again later\"}");
    ck_assert_ptr_nonnull(strstr(served_head, "Retry-After: 1\r\n"));
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
    served_send(fd, SERVED_GET("/later"));
    struct request *request = served_later();
    served_expect_answer(fd, 504, "{\"error\":\"the handler was not done within --request-timeout\"}");
    ck_assert(request_given_up(request));
    served_send(fd, SERVED_POST(""));
    served_expect_answer(fd, 200, "");
    served_answer(request, "too late");
    served_send(fd, SERVED_POST("Content-Length: 1\r\n") "x");
    served_expect_answer(fd, 200, "x");
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
        served_send(fd, SERVED_GET("/later"));
        struct request *request = served_later();
        struct linger at_once = {.l_onoff = 1};
        ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
        close(fd);
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
    served_send(fd, SERVED_POST(""));
    served_expect_answer(fd, 200, "");
    served_expect_closed(fd);
    served_close();
}
END_TEST

/* An answer from a timer lets the next request begin, whose timer may be due at once: there must be an end to that. */
START_TEST(answers_from_timers_leave_the_loop_to_others)
{
    enum { CLIENTS = 50, EACH = 100 };
    static char requests[EACH * sizeof SERVED_GET("/soon")];
    int fds[CLIENTS];
    for (unsigned i = 0; i < EACH; i++)
        strcat(requests, SERVED_GET("/soon"));
    served_defaults();
    served_open();
    for (unsigned i = 0; i < CLIENTS; i++)
        fds[i] = served_connect();
    for (unsigned i = 0; i < CLIENTS; i++)
        served_send(fds[i], requests);
    for (unsigned i = 0; i < CLIENTS; i++)
        for (unsigned r = 0; r < EACH; r++)
            served_expect_answer(fds[i], 200, "");
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
    served_send(idle, SERVED_POST(""));
    served_expect_answer(idle, 200, "");
    served_send(partial, "POST /no");
    served_send(flying, SERVED_GET("/later"));
    struct request *request = served_later();
    served_drain();
    served_expect_closed(idle);
    served_expect_closed(partial);
    served_expect_closed(fresh);
    served_answer(request, "the last one");
    served_expect_answer(flying, 200, "the last one");
    ck_assert_ptr_nonnull(strstr(served_head, "Connection: close\r\n"));
    served_expect_closed(flying);
    served_close();
}
END_TEST

SUITE("front", pipelined_requests_are_answered_in_their_order, an_answer_may_come_from_another_thread_at_once,
      an_answer_may_come_after_the_connection_was_put_aside, a_full_queue_is_a_503,
      past_its_time_a_request_is_a_504_and_its_answer_dropped, a_client_may_leave_while_a_model_has_its_request,
      answers_from_timers_leave_the_loop_to_others, an_idle_connection_is_closed_after_a_while,
      a_drain_answers_what_is_in_flight_and_closes_the_rest)
