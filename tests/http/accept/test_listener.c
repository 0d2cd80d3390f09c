#include "http/accept/listener.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/served.h"
#include "suite.h"

static uv_loop_t loop;

static enum err open_with(struct listener *listener, const char *host, unsigned port, int inherited)
{
    static struct config config;
    config = (struct config){.host = host, .max_connections = 10};
    return listener_open(listener, &loop, &config, "--some-port", port, inherited);
}

static enum err open_on(struct listener *listener, const char *host, unsigned port)
{
    return open_with(listener, host, port, -1);
}

static void close_all(struct listener *listener)
{
    listener_close(listener);
    listener_close(listener); /* a second call changes nothing */
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

START_TEST(port_0_is_a_free_one_and_a_port_in_use_is_an_error)
{
    struct listener first, second;
    unsigned port;
    char message[200];
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(open_on(&first, "127.0.0.1", 0), ERR_OK);
    ck_assert_int_eq(sscanf(first.url, "http://127.0.0.1:%u", &port), 1);
    ck_assert_uint_gt(port, 0);
    ck_assert_int_eq(open_on(&second, "127.0.0.1", port), ERR_SYSTEM);
    snprintf(message, sizeof message, "cannot listen on --host 127.0.0.1 --some-port %u: Address already in use", port);
    ck_assert_str_eq(err_message(), message);
    close_all(&first);
}
END_TEST

START_TEST(a_host_that_is_none_is_an_error_that_names_the_option)
{
    struct listener listener;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(open_on(&listener, "256.0.0.1", 0), ERR_INVALID);
    ck_assert_ptr_eq(strstr(err_message(), "--host: '256.0.0.1' is no address or name of this machine"), err_message());
    ck_assert_int_eq(open_on(&listener, "192.0.2.1", 0), ERR_SYSTEM); /* RFC 5737: an address that no host has */
    ck_assert_ptr_nonnull(strstr(err_message(), "--host 192.0.2.1"));
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

START_TEST(who_is_one_too_many_waits_until_one_has_gone)
{
    int fds[3];
    served_defaults();
    served_config.max_connections = 2;
    served_open();
    for (unsigned i = 0; i < 3; i++) {
        fds[i] = served_connect();
        client_send(fds[i], CLIENT_GET("/later"));
    }
    for (unsigned i = 0; i < 2; i++)
        served_answer(served_later(), "in");
    for (unsigned i = 0; i < 2; i++)
        ck_assert_uint_eq(client_read(fds[i]), 200);
    ck_assert_uint_eq(counter_read(&served_stats()->connections_total), 2);
    close(fds[0]);
    served_answer(served_later(), "in, too");
    ck_assert_uint_eq(client_read(fds[2]), 200);
    close(fds[1]);
    close(fds[2]);
    served_close();
}
END_TEST

START_TEST(a_drain_takes_who_was_connected_before)
{
    int fds[20];
    served_defaults();
    served_open();
    for (unsigned i = 0; i < 20; i++) {
        fds[i] = served_connect();
        client_send(fds[i], CLIENT_GET("/nothing"));
    }
    served_drain();
    for (unsigned i = 0; i < 20; i++) {
        ck_assert_uint_eq(client_read(fds[i]), 404);
        client_expect_closed(fds[i]);
    }
    served_close();
}
END_TEST

START_TEST(a_socket_that_is_kept_outlives_its_listener_and_serves_the_next)
{
    struct listener first, second;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(open_on(&first, "127.0.0.1", 0), ERR_OK);
    listener_keep(&first, true);
    close_all(&first);
    int fd = first.fd, client = client_connect(first.url);

    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(open_with(&second, "127.0.0.2", 0, fd), ERR_INVALID); /* the socket stays as it is */
    ck_assert_int_eq(open_with(&second, "127.0.0.1", 0, fd), ERR_OK);
    ck_assert_str_eq(second.url, first.url);
    int accepted = accept(second.fd, NULL, NULL);
    ck_assert_int_ge(accepted, 0);
    close(accepted);
    close(client);

    listener_keep(&second, true);
    listener_keep(&second, false);
    close_all(&second);
    ck_assert_int_eq(second.fd, -1);
    ck_assert_int_eq(close(fd), -1);
}
END_TEST

START_TEST(one_that_is_kept_takes_nobody_not_even_in_its_drain)
{
    served_defaults();
    served_keeps = true;
    served_open();
    int client = served_connect();
    client_send(client, CLIENT_GET("/nothing"));
    served_drain();
    while (!served_drained())
        sched_yield();
    ck_assert_uint_eq(counter_read(&served_stats()->connections_total), 0);
    served_close();
    served_keeps = false;
    int accepted = accept(served_socket(), NULL, NULL);
    ck_assert_int_ge(accepted, 0);
    close(accepted);
    close(served_socket());
    close(client);
}
END_TEST

SUITE("listener", port_0_is_a_free_one_and_a_port_in_use_is_an_error,
      a_host_that_is_none_is_an_error_that_names_the_option, who_is_one_too_many_waits_until_one_has_gone,
      a_drain_takes_who_was_connected_before, a_socket_that_is_kept_outlives_its_listener_and_serves_the_next,
      one_that_is_kept_takes_nobody_not_even_in_its_drain)
