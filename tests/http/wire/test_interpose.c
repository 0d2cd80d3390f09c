#include "http/wire/interpose.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/connection/connection.h"
#include "http/connection/io_thread_state.h"
#include "suite.h"

static int ends[2], other[2];
static struct connection connection;
static struct connection *by_fd[256];
static struct io_thread io_thread = {.by_fd = by_fd, .by_fd_size = 256};

static ssize_t reader(struct connection *read_from, char *bytes, size_t length)
{
    ck_assert_ptr_eq(read_from, &connection);
    ck_assert_uint_ge(length, 3);
    bytes[0] = 'r';
    return 1;
}

/* ends[0] is the connection's socket; other[0] is none of the daemon's. */
static void open_sockets(void)
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, other), 0);
    ck_assert_int_lt(ends[0], 256);
    connection = (struct connection){.fd = ends[0], .stage = STAGE_SENT};
    by_fd[ends[0]] = &connection;
}

static void close_sockets(void)
{
    by_fd[ends[0]] = NULL;
    for (unsigned i = 0; i < 2; i++) {
        close(ends[i]);
        close(other[i]);
    }
}

/* Expects that the peer gets what is sent. */
static void expect_passed_on(int from, int to)
{
    char byte;
    ck_assert_int_eq(send(from, "s", 1, 0), 1);
    ck_assert_int_eq(recvfrom(to, &byte, 1, 0, NULL, NULL), 1);
    ck_assert_int_eq(byte, 's');
}

START_TEST(libraries_get_these_functions)
{
    ck_assert_int_eq(interpose_check(), ERR_OK);
}
END_TEST

START_TEST(outside_of_a_run_all_goes_to_the_kernel)
{
    char byte;
    open_sockets();
    interpose_begin(&io_thread, reader);
    interpose_end();
    expect_passed_on(ends[0], ends[1]);
    expect_passed_on(ends[1], ends[0]);
    ck_assert_int_eq(recv(ends[0], &byte, 1, 0), -1);
    close_sockets();
}
END_TEST

START_TEST(within_a_run_reads_go_to_the_reader)
{
    char bytes[3];
    open_sockets();
    interpose_begin(&io_thread, reader);
    ck_assert_int_eq(recv(ends[0], bytes, 3, 0), 1);
    ck_assert_int_eq(bytes[0], 'r');
    ck_assert_int_eq(recv(other[0], bytes, 3, 0), -1);
    ck_assert_int_eq(recv(-1, bytes, 3, 0), -1);
    interpose_end();
    close_sockets();
}
END_TEST

START_TEST(only_what_follows_a_reply_that_is_sent_goes_nowhere)
{
    char byte;
    open_sockets();
    interpose_begin(&io_thread, reader);
    ck_assert_int_eq(send(ends[0], "swallowed", 9, 0), 9);
    ck_assert_int_eq(recvfrom(ends[1], &byte, 1, 0, NULL, NULL), -1);
    expect_passed_on(other[0], other[1]);
    connection.stage = STAGE_WRITING;
    expect_passed_on(ends[0], ends[1]);
    interpose_end();
    close_sockets();
}
END_TEST

START_TEST(a_run_polls_until_there_is_nothing_more_and_once)
{
    struct epoll_event event = {.events = EPOLLIN}, events[3];
    int two[2] = {eventfd(1, EFD_CLOEXEC), eventfd(1, EFD_CLOEXEC)};
    int own = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(epoll_ctl(own, EPOLL_CTL_ADD, two[i], &event), 0);
    io_thread.daemon_epoll_fd = own;
    interpose_begin(&io_thread, reader);
    ck_assert_int_eq(epoll_wait(own, events, 2, 0), 2); /* as many as there is room for: there may be more */
    ck_assert_int_eq(epoll_wait(own, events, 1, 0), 1);
    ck_assert_int_eq(epoll_wait(own, events, 3, 0), 2);
    ck_assert_int_eq(epoll_wait(own, events, 2, 0), 0);
    interpose_end();
    ck_assert_int_eq(epoll_wait(own, events, 2, 0), 2);
    interpose_begin(&io_thread, reader);
    ck_assert_int_eq(epoll_wait(own, events, 3, 0), 2);
    interpose_end();
    close(own);
    close(two[0]);
    close(two[1]);
}
END_TEST

SUITE("interpose", libraries_get_these_functions, outside_of_a_run_all_goes_to_the_kernel,
      within_a_run_reads_go_to_the_reader, only_what_follows_a_reply_that_is_sent_goes_nowhere,
      a_run_polls_until_there_is_nothing_more_and_once)
