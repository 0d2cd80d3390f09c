#include "http/accept/listen_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "suite.h"

/* Whether small pieces go out at once, on this socket and on those that it accepts. */
static bool has_no_delay(int fd)
{
    int on = 0;
    socklen_t bytes = sizeof on;
    ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &bytes), 0);
    return on;
}

static unsigned port_of(int fd)
{
    char url[LISTEN_SOCKET_URL_BYTES];
    unsigned port;
    listen_socket_url(fd, url);
    ck_assert_int_eq(sscanf(strrchr(url, ':'), ":%u", &port), 1);
    return port;
}

/* Returns a listening socket without FD_CLOEXEC, as a program has it after exec. */
static int handed_over(const char *host)
{
    int fd;
    ck_assert_int_eq(listen_socket_open(host, "--port", 0, &fd), ERR_OK);
    ck_assert_int_eq(fcntl(fd, F_SETFD, 0), 0);
    return fd;
}

START_TEST(a_new_one_is_not_for_others_and_has_an_address)
{
    char url[LISTEN_SOCKET_URL_BYTES], expected[64];
    int fd;
    ck_assert_int_eq(listen_socket_open("127.0.0.1", "--port", 0, &fd), ERR_OK);
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    ck_assert((fcntl(fd, F_GETFL) & O_NONBLOCK) && has_no_delay(fd));
    snprintf(expected, sizeof expected, "http://127.0.0.1:%u", port_of(fd));
    listen_socket_url(fd, url);
    ck_assert_str_eq(url, expected);
    close(fd);
}
END_TEST

START_TEST(one_that_was_handed_over_is_taken_where_it_is_what_is_asked_for)
{
    static const char *const hosts[] = {"127.0.0.1", "::1", "localhost"};
    for (unsigned i = 0; i < 3; i++) {
        int fd = handed_over(hosts[i]), off = 0;
        ck_assert_int_eq(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &off, sizeof off), 0);
        ck_assert_int_eq(listen_socket_adopt(fd, hosts[i], "--port", 0), ERR_OK);
        ck_assert(has_no_delay(fd));
        ck_assert_int_eq(listen_socket_adopt(fd, hosts[i], "--port", port_of(fd)), ERR_OK);
        ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
        close(fd);
    }
}
END_TEST

START_TEST(one_that_is_bound_elsewhere_is_refused)
{
    char message[256];
    int fd = handed_over("127.0.0.1");
    static const char *const hosts[] = {"127.0.0.2", "::1", "0.0.0.0"};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(listen_socket_adopt(fd, hosts[i], "--port", port_of(fd)), ERR_INVALID);
        snprintf(message, sizeof message,
                 "the socket that was handed over (descriptor %d) is not bound to --host %s --port %u", fd, hosts[i],
                 port_of(fd));
        ck_assert_str_eq(err_message(), message);
    }
    ck_assert_int_eq(listen_socket_adopt(fd, "127.0.0.1", "--admin", port_of(fd) - 1), ERR_INVALID);
    ck_assert_int_eq(listen_socket_adopt(fd, "256.0.0.1", "--port", 0), ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err_message(), "--host: '256.0.0.1' is no address or name of this machine"));
    close(fd);
    fd = handed_over("::1");
    ck_assert_int_eq(listen_socket_adopt(fd, "::1", "--port", port_of(fd) - 1), ERR_INVALID);
    ck_assert_int_eq(listen_socket_adopt(fd, "::", "--port", 0), ERR_INVALID);
    close(fd);
}
END_TEST

START_TEST(what_does_not_listen_is_refused)
{
    char message[128];
    int fds[] = {socket(AF_INET, SOCK_STREAM, 0), socket(AF_INET, SOCK_DGRAM, 0), dup(STDERR_FILENO), 9999};
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_int_eq(listen_socket_adopt(fds[i], "127.0.0.1", "--admin", 0), ERR_INVALID);
        snprintf(message, sizeof message, "the descriptor %d that was handed over for --admin is no listening socket",
                 fds[i]);
        ck_assert_str_eq(err_message(), message);
        close(fds[i]);
    }
}
END_TEST

SUITE("listen_socket", a_new_one_is_not_for_others_and_has_an_address,
      one_that_was_handed_over_is_taken_where_it_is_what_is_asked_for, one_that_is_bound_elsewhere_is_refused,
      what_does_not_listen_is_refused)
