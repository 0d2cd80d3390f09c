#include "server/healthcheck.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "suite.h"

#define OK   "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"ready\":true}"
#define LONG (10 * NS_PER_S)

/* Accepts one connection, reads the request, sends its text repeatedly, and closes. */
static struct peer {
    int fd;
    const char *text;
    unsigned times;
    useconds_t pause_us; /* before each send */
    pthread_t thread;
    char request[512];
} peer;

static void *run_peer(void *unused)
{
    int fd = accept(peer.fd, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    size_t length = 0;
    while (!strstr(peer.request, "\r\n\r\n")) {
        ssize_t got = recv(fd, peer.request + length, sizeof peer.request - 1 - length, 0);
        ck_assert_int_gt(got, 0);
        length += (size_t)got;
    }
    for (unsigned i = 0; i < peer.times; i++) {
        usleep(peer.pause_us);
        if (send(fd, peer.text, strlen(peer.text), MSG_NOSIGNAL) < 0)
            break;
    }
    close(fd);
    return unused;
}

/* Listens on a free port of the family's loopback address. Returns the port, or 0 if this machine does not have the
 * family. */
static unsigned peer_listen(int family)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    bool is_v4 = family == AF_INET;
    struct sockaddr *address = is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t bytes = is_v4 ? sizeof v4 : sizeof v6;
    peer = (struct peer){.fd = socket(family, SOCK_STREAM, 0)};
    if (peer.fd < 0 || bind(peer.fd, address, bytes) != 0)
        return 0;
    ck_assert_int_eq(listen(peer.fd, 8), 0);
    ck_assert_int_eq(getsockname(peer.fd, address, &bytes), 0);
    return ntohs(is_v4 ? v4.sin_port : v6.sin6_port);
}

static void peer_answer(const char *text, unsigned times, useconds_t pause_us)
{
    peer.text = text;
    peer.times = times;
    peer.pause_us = pause_us;
    ck_assert_int_eq(pthread_create(&peer.thread, NULL, run_peer, NULL), 0);
}

static void peer_end(void)
{
    ck_assert_int_eq(pthread_join(peer.thread, NULL), 0);
    close(peer.fd);
}

static enum err ask_and_end(const char *host, unsigned port)
{
    enum err err = healthcheck_ask(host, port, "/readyz", LONG);
    peer_end();
    return err;
}

/* Expects the error "not ready: " followed by format, whose %u is the port. */
#define EXPECT(err, port, format)                                                                                      \
    do {                                                                                                               \
        char expected_[200];                                                                                           \
        snprintf(expected_, sizeof expected_, "not ready: " format, port);                                             \
        ck_assert_int_eq(err, ERR_SYSTEM);                                                                             \
        ck_assert_str_eq(err_message(), expected_);                                                                    \
    } while (0)

START_TEST(a_200_is_ready)
{
    unsigned port = peer_listen(AF_INET);
    peer_answer(OK, 1, 0);
    ck_assert_int_eq(ask_and_end("127.0.0.1", port), ERR_OK);
    ck_assert_str_eq(peer.request, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}
END_TEST

START_TEST(every_other_status_is_not)
{
    static const unsigned statuses[] = {100, 199, 201, 204, 302, 404, 500, 503};
    for (unsigned i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        char text[64], expected[200];
        unsigned port = peer_listen(AF_INET);
        snprintf(text, sizeof text, "HTTP/1.1 %u X\r\n\r\n", statuses[i]);
        peer_answer(text, 1, 0);
        ck_assert_int_eq(ask_and_end("127.0.0.1", port), ERR_SYSTEM);
        snprintf(expected, sizeof expected, "not ready: http://127.0.0.1:%u/readyz answers %u", port, statuses[i]);
        ck_assert_str_eq(err_message(), expected);
    }
}
END_TEST

START_TEST(what_is_not_http_is_not)
{
    static const char *const texts[] = {"",
                                        "H",
                                        "HTTP/1.1 20",
                                        "HTTP/1.1 2 0\r\n",
                                        "HTTP/1.1  20\r\n",
                                        "HTTP/2.0 200 OK\r\n",
                                        "HTTP/1.7 200 OK\r\n",
                                        " HTTP/1.1 200 OK\r\n",
                                        "SSH-2.0-OpenSSH_9.2 200\r\n"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        unsigned port = peer_listen(AF_INET);
        peer_answer(texts[i], 1, 0);
        EXPECT(ask_and_end("127.0.0.1", port), port, "what answers at http://127.0.0.1:%u/readyz is not HTTP");
    }
}
END_TEST

START_TEST(a_200_of_another_program_is_not)
{
    static const char *const texts[] = {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX: {\"ready\":true}\r\n\r\nyes"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        unsigned port = peer_listen(AF_INET);
        peer_answer(texts[i], 1, 0);
        EXPECT(ask_and_end("127.0.0.1", port), port,
               "what answers at http://127.0.0.1:%u/readyz is not tandem; --pages says where its pages are");
    }
}
END_TEST

START_TEST(an_answer_comes_in_pieces_and_may_be_long)
{
    unsigned port = peer_listen(AF_INET);
    peer_answer(OK, 3, 20000);
    ck_assert_int_eq(ask_and_end("127.0.0.1", port), ERR_OK);
    port = peer_listen(AF_INET);
    peer_answer("HTTP/1.0 200 OK\r\nX-Header: some more bytes of the head\r\n\r\n{\"ready\":true}", 1000, 0);
    ck_assert_int_eq(ask_and_end("127.0.0.1", port), ERR_OK);
}
END_TEST

START_TEST(who_does_not_answer_is_given_up_in_time)
{
    unsigned port = peer_listen(AF_INET);
    uint64_t begin = clock_ns();
    EXPECT(healthcheck_ask("127.0.0.1", port, "/readyz", 200 * NS_PER_MS), port,
           "no answer from http://127.0.0.1:%u/readyz within 0.2 s");
    uint64_t took = clock_ns() - begin;
    ck_assert(took >= 200 * NS_PER_MS && took < 5 * NS_PER_S);
    close(peer.fd);
}
END_TEST

START_TEST(the_time_is_for_the_whole_answer)
{
    unsigned port = peer_listen(AF_INET);
    uint64_t begin = clock_ns();
    peer_answer("x", 2000, 20000);
    EXPECT(healthcheck_ask("127.0.0.1", port, "/readyz", 200 * NS_PER_MS), port,
           "no answer from http://127.0.0.1:%u/readyz within 0.2 s");
    ck_assert(clock_ns() - begin < 5 * NS_PER_S);
    peer_end();
}
END_TEST

START_TEST(nobody_is_there)
{
    unsigned port = peer_listen(AF_INET);
    close(peer.fd);
    EXPECT(healthcheck_ask("127.0.0.1", port, "/readyz", LONG), port, "http://127.0.0.1:%u/readyz: Connection refused");
    ck_assert_int_eq(healthcheck_ask("256.0.0.1", 80, "/readyz", LONG), ERR_SYSTEM);
    ck_assert_str_eq(err_message(), "not ready: --host '256.0.0.1' cannot be looked up: Name or service not known");
}
END_TEST

START_TEST(a_host_that_is_everywhere_is_asked_at_loopback)
{
    static const struct {
        int family;
        const char *host, *shown;
    } hosts[] = {
        {AF_INET, "0.0.0.0", "127.0.0.1"}, {AF_INET, "0", "127.0.0.1"},   {AF_INET, "127.0.0.1", "127.0.0.1"},
        {AF_INET6, "::", "[::1]"},         {AF_INET6, "0::0:0", "[::1]"}, {AF_INET6, "::1", "[::1]"},
    };
    for (unsigned i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        unsigned port = peer_listen(hosts[i].family);
        if (port == 0) {
            close(peer.fd);
            continue; /* no IPv6 here */
        }
        peer_answer("HTTP/1.1 503 X\r\n\r\n", 1, 0);
        ck_assert_int_eq(ask_and_end(hosts[i].host, port), ERR_SYSTEM);
        char expected[200];
        snprintf(expected, sizeof expected, "not ready: http://%s:%u/readyz answers 503", hosts[i].shown, port);
        ck_assert_str_eq(err_message(), expected);
    }
}
END_TEST

START_TEST(the_admin_port_is_asked_where_there_is_one)
{
    struct config config = {
        .mode = "compare", .host = "127.0.0.1", .admin = CONFIG_NONE, .healthcheck_timeout_ns = 5 * NS_PER_S};
    unsigned port = peer_listen(AF_INET);
    config.port = port;
    peer_answer(OK, 1, 0);
    ck_assert_int_eq(healthcheck(&config), ERR_OK);
    peer_end();
    config.admin = peer_listen(AF_INET);
    peer_answer(OK, 1, 0);
    ck_assert_int_eq(healthcheck(&config), ERR_OK);
    peer_end();
}
END_TEST

START_TEST(port_0_cannot_be_asked)
{
    struct config config = {
        .mode = "compare", .host = "127.0.0.1", .admin = CONFIG_NONE, .healthcheck_timeout_ns = 5 * NS_PER_S};
    ck_assert_int_eq(healthcheck(&config), ERR_INVALID);
    ck_assert_str_eq(err_message(),
                     "--healthcheck: needs the port of the server that it asks, and --port 0 is any free one");
    config.port = 8080;
    config.admin = 0;
    ck_assert_int_eq(healthcheck(&config), ERR_INVALID);
    ck_assert_str_eq(err_message(),
                     "--healthcheck: needs the port of the server that it asks, and --admin 0 is any free one");
}
END_TEST

SUITE("healthcheck", a_200_is_ready, every_other_status_is_not, what_is_not_http_is_not,
      a_200_of_another_program_is_not, an_answer_comes_in_pieces_and_may_be_long,
      who_does_not_answer_is_given_up_in_time, the_time_is_for_the_whole_answer, nobody_is_there,
      a_host_that_is_everywhere_is_asked_at_loopback, the_admin_port_is_asked_where_there_is_one,
      port_0_cannot_be_asked)
