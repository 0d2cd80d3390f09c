/* Connections of an I/O thread without a daemon: the linker puts the functions below in the place of libmicrohttpd's.
 * Each connection has a real socket. */
#include "http/connection/connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/connection/io_thread_state.h"
#include "http/connection/lingering_close.h"
#include "http/connection/transition.h"
#include "suite.h"

enum { CONNECTIONS = 3, TABLE = 1024 };

static struct config config;
static struct loop *loop;
static struct io_thread io_thread;
static struct connection *by_fd[TABLE];
static unsigned expired;
static bool no_memory;

/* The descriptor that libmicrohttpd names for a new connection; the connections that it suspended and resumed. */
static union MHD_ConnectionInfo info;
static struct MHD_Connection *suspended, *resumed[16];
static unsigned resumed_count;

#define WRAPPED(result, name, ...)                                                                                     \
    result __real_##name(__VA_ARGS__);                                                                                 \
    result __wrap_##name(__VA_ARGS__)

WRAPPED(const union MHD_ConnectionInfo *, MHD_get_connection_info, struct MHD_Connection *, enum MHD_ConnectionInfoType,
        ...);
WRAPPED(void, MHD_suspend_connection, struct MHD_Connection *);
WRAPPED(void, MHD_resume_connection, struct MHD_Connection *);
WRAPPED(void *, calloc, size_t, size_t);

const union MHD_ConnectionInfo *__wrap_MHD_get_connection_info(struct MHD_Connection *mhd,
                                                               enum MHD_ConnectionInfoType type, ...)
{
    ck_assert(mhd && type == MHD_CONNECTION_INFO_CONNECTION_FD);
    return &info;
}

void __wrap_MHD_suspend_connection(struct MHD_Connection *mhd)
{
    ck_assert_ptr_null(suspended);
    suspended = mhd;
}

void __wrap_MHD_resume_connection(struct MHD_Connection *mhd)
{
    ck_assert_ptr_eq(suspended, mhd);
    suspended = NULL;
    resumed[resumed_count++] = mhd;
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return no_memory ? NULL : __real_calloc(count, bytes);
}

static void on_late(struct timeouts *timeouts)
{
    (void)timeouts;
}

static void on_expired(struct connection *connection, enum timeout kind)
{
    (void)connection;
    (void)kind;
    expired++;
}

static void open_io_thread(void)
{
    config.header_timeout_ns = NS_PER_MS;
    ck_assert_int_eq(loop_new(0, &loop), ERR_OK);
    io_thread = (struct io_thread){.loop = loop, .by_fd = by_fd, .by_fd_size = TABLE};
    io_thread.lingering_closes = (struct lingering_closes){.loop = &loop->uv, .limit_ms = 60000};
    timeouts_init(&io_thread.timeouts, &loop->uv, &config, on_late, on_expired);
}

static void close_io_thread(void)
{
    ck_assert(LIST_EMPTY(&io_thread.connections));
    lingering_close_stop_all(&io_thread.lingering_closes);
    uv_close((uv_handle_t *)&io_thread.timeouts.timer, NULL);
    loop_free(loop);
}

/* Makes a connection of the server's socket. */
static struct connection *connect_fd(int fd)
{
    info.connect_fd = fd;
    struct connection *connection = connection_new(&io_thread, (struct MHD_Connection *)&by_fd[fd]);
    ck_assert_ptr_nonnull(connection);
    return connection;
}

/* Makes a connection whose client's socket is *client. */
static struct connection *open_pair(int *client)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    *client = fds[1];
    return connect_fd(fds[0]);
}

/* What libmicrohttpd does at the end of a connection. */
static void close_connection(struct connection *connection)
{
    int fd = connection->fd;
    connection_free(connection);
    close(fd);
}

static struct connection *connections[CONNECTIONS];
static int clients[CONNECTIONS];

static void open_all(void)
{
    open_io_thread();
    for (unsigned i = 0; i < CONNECTIONS; i++)
        connections[i] = open_pair(&clients[i]);
}

/* Closes those that a test has left. */
static void close_all(void)
{
    while (!LIST_EMPTY(&io_thread.connections))
        close_connection(LIST_FIRST(&io_thread.connections));
    for (unsigned i = 0; i < CONNECTIONS; i++)
        close(clients[i]);
    close_io_thread();
}

/* Opens a connection over TCP to the loopback address of the family. Returns NULL if the machine has none. */
static struct connection *open_tcp(const char *host, int family, int *client, unsigned ports[2])
{
    struct sockaddr_storage address = {.ss_family = (sa_family_t)family};
    struct sockaddr_in *four = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
    socklen_t bytes = family == AF_INET ? sizeof *four : sizeof *six;
    inet_pton(family, host, family == AF_INET ? (void *)&four->sin_addr : (void *)&six->sin6_addr);
    int listener = socket(family, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, bytes) != 0)
        return NULL;
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &bytes), 0);
    ports[1] = ntohs(four->sin_port); /* at the same place in both */
    *client = socket(family, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(*client, (struct sockaddr *)&address, bytes), 0);
    ck_assert_int_eq(getsockname(*client, (struct sockaddr *)&address, &bytes), 0);
    ports[0] = ntohs(four->sin_port);
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    close(listener);
    return connect_fd(fd);
}

static void expect_addresses(struct connection *connection, const char *host, const unsigned ports[2])
{
    struct address peer, local;
    connection_addresses(connection, &peer, &local);
    ck_assert_str_eq(peer.host, host);
    ck_assert_uint_eq(peer.port, ports[0]);
    ck_assert_str_eq(local.host, host);
    ck_assert_uint_eq(local.port, ports[1]);
}

START_TEST(both_addresses_are_known_by_ipv4_and_ipv6)
{
    static const struct {
        const char *host;
        int family;
    } cases[] = {{"127.0.0.1", AF_INET}, {"::1", AF_INET6}};
    unsigned ports[2];
    int client;
    open_io_thread();
    struct connection *connection = open_tcp(cases[_i].host, cases[_i].family, &client, ports);
    if (connection) {
        expect_addresses(connection, cases[_i].host, ports);
        ports[0] = connection->peer.port = 7;
        expect_addresses(connection, cases[_i].host, ports); /* they are not looked up again */
        close_connection(connection);
    } else {
        ck_assert_int_eq(cases[_i].family, AF_INET6); /* every machine has IPv4 */
    }
    close_io_thread();
}
END_TEST

START_TEST(the_address_of_a_client_that_has_left_is_empty)
{
    struct address peer = {.host = "x", .port = 1}, local;
    unsigned ports[2];
    int client = -1;
    open_io_thread();
    struct connection *connection = open_tcp("127.0.0.1", AF_INET, &client, ports);
    client_reset(client);
    connection_addresses(connection, &peer, &local);
    ck_assert_str_eq(peer.host, "");
    ck_assert_uint_eq(peer.port, 0);
    close_connection(connection);
    close_io_thread();
}
END_TEST

START_TEST(addresses_of_another_kind_are_empty)
{
    struct address peer = {.host = "x", .port = 1}, local = peer;
    open_all();
    connection_addresses(connections[0], &peer, &local);
    ck_assert_str_eq(peer.host, "");
    ck_assert_str_eq(local.host, "");
    ck_assert_uint_eq(peer.port + local.port, 0);
    close_all();
}
END_TEST

START_TEST(the_kernel_is_told_to_keep_few_unsent_bytes)
{
    unsigned ports[2];
    int client, unsent_bytes;
    socklen_t bytes = sizeof unsent_bytes;
    open_io_thread();
    struct connection *connection = open_tcp("127.0.0.1", AF_INET, &client, ports);
    connection_limit_unsent(connection);
    ck_assert_int_eq(getsockopt(connection->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes, &bytes), 0);
    ck_assert_int_eq(unsent_bytes, 16 * 1024);
    close_connection(connection);
    close(client);
    close_io_thread();
}
END_TEST

/* Expects the connections of the mask in the I/O thread's list, the newest first. */
static void expect_listed(unsigned mask)
{
    struct connection *at = LIST_FIRST(&io_thread.connections);
    unsigned count = 0;
    for (unsigned i = CONNECTIONS; i-- > 0;) {
        if (!(mask & 1U << i))
            continue;
        ck_assert_ptr_eq(at, connections[i]);
        ck_assert_ptr_eq(by_fd[at->fd], at);
        at = LIST_NEXT(at, link);
        count++;
    }
    ck_assert_ptr_null(at);
    ck_assert_uint_eq(io_thread.connection_count, count);
    ck_assert_uint_eq(counter_read(&loop->stats.connections_total), CONNECTIONS);
    ck_assert_uint_eq(counter_read(&loop->stats.connections_closed), CONNECTIONS - count);
}

START_TEST(connections_are_listed_and_counted_until_they_are_freed)
{
    static const unsigned orders[][CONNECTIONS] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}};
    unsigned mask = 7;
    open_all();
    expect_listed(mask);
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        unsigned freed = orders[_i][i];
        int fd = connections[freed]->fd;
        close_connection(connections[freed]);
        ck_assert_ptr_null(by_fd[fd]);
        expect_listed(mask &= ~(1U << freed));
    }
    close_all();
}
END_TEST

START_TEST(a_connection_has_the_limit_for_a_head_until_it_is_freed)
{
    open_all();
    for (unsigned i = 0; i < CONNECTIONS; i++)
        ck_assert_int_eq(connections[i]->timeout, TIMEOUT_HEADER);
    close_connection(connections[1]);
    while (expired < CONNECTIONS - 1)
        uv_run(&loop->uv, UV_RUN_ONCE);
    ck_assert(TAILQ_EMPTY(&io_thread.timeouts.queues[TIMEOUT_HEADER]));
    ck_assert_uint_eq(expired, CONNECTIONS - 1);
    close_all();
}
END_TEST

START_TEST(without_memory_there_is_no_connection)
{
    open_all();
    info.connect_fd = TABLE - 1;
    no_memory = true;
    ck_assert_ptr_null(connection_new(&io_thread, (struct MHD_Connection *)&info));
    no_memory = false;
    expect_listed(7);
    close_all();
}
END_TEST

/* Carries out the kicks. Expects the connections of the mask to be read, each once. */
static void expect_read(unsigned mask)
{
    unsigned read = 0;
    resumed_count = 0;
    connection_carry_out_kicks(&io_thread);
    ck_assert_ptr_null(suspended);
    for (unsigned i = 0; i < resumed_count; i++)
        for (unsigned c = 0; c < CONNECTIONS; c++)
            if ((mask & 1U << c) && resumed[i] == connections[c]->mhd) {
                ck_assert_uint_eq(read & 1U << c, 0);
                read |= 1U << c;
            }
    ck_assert_uint_eq(read, mask);
    ck_assert_uint_eq(resumed_count, (unsigned)__builtin_popcount(mask));
}

START_TEST(a_kicked_connection_is_read_once_in_the_next_run)
{
    open_all();
    for (unsigned round = 0; round < 2; round++) {
        io_thread.run_due = false;
        connection_kick(connections[0]);
        ck_assert(io_thread.run_due);
        connection_kick(connections[2]);
        connection_kick(connections[0]);
        connection_kick(connections[2]);
        expect_read(5);
        expect_read(0);
    }
    close_all();
}
END_TEST

START_TEST(a_connection_freed_while_kicked_is_forgotten)
{
    unsigned freed = (unsigned)_i;
    open_all();
    for (unsigned i = 0; i < CONNECTIONS; i++)
        connection_kick(connections[i]);
    close_connection(connections[freed]);
    expect_read(7U & ~(1U << freed));
    close_all();
}
END_TEST

START_TEST(a_kick_is_for_connections_that_are_being_read)
{
    static struct request request, other;
    static const struct {
        enum stage stage;
        enum input input;
        struct request *request, *filling;
        unsigned read;
    } cases[] = {
        {STAGE_NONE, INPUT_OPEN, NULL, NULL, 1},
        {STAGE_READING, INPUT_OPEN, &request, NULL, 1},
        {STAGE_PENDING, INPUT_OPEN, &request, NULL, 0},
        {STAGE_PENDING, INPUT_OPEN, &request, &request, 1},
        {STAGE_PENDING, INPUT_OPEN, &request, &other, 0},
        {STAGE_ANSWERED, INPUT_OPEN, &request, NULL, 0},
        {STAGE_ANSWERED, INPUT_CUT, &request, NULL, 1},
        {STAGE_SUSPENDED, INPUT_OPEN, &request, NULL, 0},
        {STAGE_WRITING, INPUT_OPEN, &request, NULL, 0},
        {STAGE_LEFT, INPUT_OPEN, NULL, NULL, 0},
        {STAGE_WRITING, INPUT_OPEN, &request, &request, 0},
    };
    open_all();
    struct connection *connection = connections[0];
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        connection->stage = cases[i].stage;
        connection->input = cases[i].input;
        connection->request = cases[i].request;
        connection->filling = cases[i].filling;
        connection_kick(connection);
        expect_read(cases[i].read);
        ck_assert(!connection->kicked);
    }
    connection->stage = STAGE_NONE;
    close_all();
}
END_TEST

START_TEST(a_connection_that_comes_in_a_drain_is_kicked)
{
    int client;
    open_all();
    ck_assert(!connections[0]->kicked);
    io_thread.draining = true;
    struct connection *late = open_pair(&client);
    ck_assert(late->kicked);
    close_connection(late);
    close(client);
    expect_read(0);
    close_all();
}
END_TEST

START_TEST(a_connection_may_be_closed_twice)
{
    open_all();
    for (unsigned i = 0; i < 2; i++) {
        connection_close(connections[0]);
        ck_assert_int_eq(connections[0]->input, INPUT_CLOSING);
        expect_read(1);
    }
    close_all();
}
END_TEST

static void expect_fault(const struct connection *connection, unsigned status, enum refusal refusal, const char *reason)
{
    ck_assert_uint_eq(connection->fault.status, status);
    ck_assert_int_eq(connection->fault.refusal, refusal);
    ck_assert_pstr_eq(connection->fault.reason, reason);
}

START_TEST(only_the_first_refusal_counts)
{
    open_all();
    connection_refuse(connections[0], 413, REFUSED_BODY_TOO_LARGE, "the first");
    connection_refuse(connections[0], 400, REFUSED_MALFORMED, "the second");
    connection_out_of_memory(connections[0]);
    ck_assert_int_eq(connections[0]->input, INPUT_REFUSED);
    expect_fault(connections[0], 413, REFUSED_BODY_TOO_LARGE, "the first");
    connection_out_of_memory(connections[1]);
    expect_fault(connections[1], 503, REFUSED_NOT, "out of memory");
    close_all();
}
END_TEST

START_TEST(an_input_that_is_over_is_not_refused)
{
    static const enum input over[] = {INPUT_CUT, INPUT_ENDED, INPUT_CLOSING};
    open_all();
    for (unsigned i = 0; i < sizeof over / sizeof over[0]; i++) {
        connections[0]->input = over[i];
        connection_refuse(connections[0], 400, REFUSED_MALFORMED, "too late");
        ck_assert_int_eq(connections[0]->input, over[i]);
        expect_fault(connections[0], 0, REFUSED_MALFORMED, NULL);
    }
    close_all();
}
END_TEST

START_TEST(a_socket_lingers_if_bytes_are_unread_or_it_was_asked_to)
{
    open_all();
    close_connection(connections[0]);
    ck_assert_uint_eq(io_thread.lingering_closes.count, 0);
    ck_assert_int_eq(send(clients[1], "x", 1, 0), 1);
    close_connection(connections[1]);
    ck_assert_uint_eq(io_thread.lingering_closes.count, 1);
    connection_linger(connections[2]);
    close_connection(connections[2]);
    ck_assert_uint_eq(io_thread.lingering_closes.count, 2);
    close_all();
}
END_TEST

START_TEST(a_connection_with_an_exchange_cannot_be_freed)
{
    open_all();
    connections[0]->stage = STAGE_READING;
    connection_free(connections[0]);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("connection");
    TCase *all = tcase_create("connection");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, both_addresses_are_known_by_ipv4_and_ipv6, 0, 2);
    tcase_add_test(all, the_address_of_a_client_that_has_left_is_empty);
    tcase_add_test(all, addresses_of_another_kind_are_empty);
    tcase_add_test(all, the_kernel_is_told_to_keep_few_unsent_bytes);
    tcase_add_loop_test(all, connections_are_listed_and_counted_until_they_are_freed, 0, 3);
    tcase_add_test(all, a_connection_has_the_limit_for_a_head_until_it_is_freed);
    tcase_add_test(all, without_memory_there_is_no_connection);
    tcase_add_test(all, a_kicked_connection_is_read_once_in_the_next_run);
    tcase_add_loop_test(all, a_connection_freed_while_kicked_is_forgotten, 0, CONNECTIONS);
    tcase_add_test(all, a_kick_is_for_connections_that_are_being_read);
    tcase_add_test(all, a_connection_that_comes_in_a_drain_is_kicked);
    tcase_add_test(all, a_connection_may_be_closed_twice);
    tcase_add_test(all, only_the_first_refusal_counts);
    tcase_add_test(all, an_input_that_is_over_is_not_refused);
    tcase_add_test(all, a_socket_lingers_if_bytes_are_unread_or_it_was_asked_to);
    tcase_add_test_raise_signal(all, a_connection_with_an_exchange_cannot_be_freed, SIGABRT);
    suite_add_tcase(made, all);
    return made;
}

SUITE_MAIN(suite)
