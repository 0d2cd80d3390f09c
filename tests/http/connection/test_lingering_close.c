#include "http/connection/lingering_close.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "suite.h"

static uv_loop_t loop;
static struct lingering_closes lingering_closes;
static int ours, theirs;

static void open_pair(void)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    ours = fds[0];
    theirs = fds[1];
}

static void open_loop(void)
{
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    lingering_closes = (struct lingering_closes){.loop = &loop, .limit_ms = 60000};
}

static void close_loop(void)
{
    lingering_close_stop_all(&lingering_closes);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_uint_eq(lingering_closes.count, 0);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

START_TEST(the_client_reads_the_end_and_may_still_send)
{
    char bytes[1024] = {0};
    open_loop();
    open_pair();
    ck_assert_int_eq(send(ours, "bye", 3, 0), 3);
    lingering_close_start(&lingering_closes, ours);
    close(ours);
    ck_assert_uint_eq(lingering_closes.count, 1);
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_int_eq(send(theirs, bytes, sizeof bytes, MSG_NOSIGNAL), (ssize_t)sizeof bytes);
        uv_run(&loop, UV_RUN_NOWAIT); /* reads and drops the client's bytes */
    }
    ck_assert_int_eq(recv(theirs, bytes, sizeof bytes, 0), 3);
    ck_assert_int_eq(recv(theirs, bytes, sizeof bytes, 0), 0);
    ck_assert_uint_eq(lingering_closes.count, 1);
    close(theirs);
    close_loop();
}
END_TEST

START_TEST(it_ends_when_the_client_closes)
{
    open_loop();
    open_pair();
    lingering_close_start(&lingering_closes, ours);
    close(ours);
    close(theirs);
    uv_run(&loop, UV_RUN_DEFAULT); /* until no handle is left */
    ck_assert_uint_eq(lingering_closes.count, 0);
    close_loop();
}
END_TEST

START_TEST(it_ends_after_a_while_where_the_client_does_not)
{
    char byte;
    open_loop();
    lingering_closes.limit_ms = 50;
    open_pair();
    lingering_close_start(&lingering_closes, ours);
    close(ours);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_uint_eq(lingering_closes.count, 0);
    ck_assert_int_eq(recv(theirs, &byte, 1, 0), 0);
    ck_assert_int_eq(send(theirs, "x", 1, MSG_NOSIGNAL), -1);
    ck_assert_int_eq(errno, EPIPE);
    close(theirs);
    close_loop();
}
END_TEST

START_TEST(no_more_than_so_many_linger)
{
    int clients[LINGERING_CLOSE_MAX + 5];
    open_loop();
    for (unsigned i = 0; i < LINGERING_CLOSE_MAX + 5; i++) {
        open_pair();
        lingering_close_start(&lingering_closes, ours);
        close(ours);
        clients[i] = theirs;
        ck_assert_uint_eq(lingering_closes.count, i < LINGERING_CLOSE_MAX ? i + 1 : LINGERING_CLOSE_MAX);
    }
    close(clients[7]); /* makes room for another connection */
    while (lingering_closes.count == LINGERING_CLOSE_MAX)
        uv_run(&loop, UV_RUN_ONCE);
    open_pair();
    lingering_close_start(&lingering_closes, ours);
    ck_assert_uint_eq(lingering_closes.count, LINGERING_CLOSE_MAX);
    close_loop();
}
END_TEST

SUITE("lingering_close", the_client_reads_the_end_and_may_still_send, it_ends_when_the_client_closes,
      it_ends_after_a_while_where_the_client_does_not, no_more_than_so_many_linger)
