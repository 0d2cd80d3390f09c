#include "http/connection/connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/own_fds.h"
#include "http/connection/io_thread_state.h"
#include "http/connection/transition.h"

enum { UNSENT_BYTES = 16 * 1024 };

struct connection *connection_new(struct io_thread *io_thread, struct MHD_Connection *mhd)
{
    loop_check(io_thread->loop);
    int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    CHECK(fd >= 0 && fd < io_thread->by_fd_size && !io_thread->by_fd[fd]);
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->io_thread = io_thread;
    connection->mhd = mhd;
    connection->fd = fd;
    connection->timeout = TIMEOUT_NOT;
    LIST_INSERT_HEAD(&io_thread->connections, connection, link);
    io_thread->connection_count++;
    io_thread->by_fd[fd] = connection;
    own_fds_add(fd);
    counter_add(&io_thread->loop->stats.connections_total, 1);
    timeouts_set(&io_thread->timeouts, connection, TIMEOUT_HEADER, clock_ns());
    if (io_thread->draining)
        connection_kick(connection);
    return connection;
}

static void describe(const struct sockaddr_storage *socket, struct address *out)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)socket;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)socket;
    if (socket->ss_family == AF_INET) {
        inet_ntop(AF_INET, &four->sin_addr, out->host, sizeof out->host);
        out->port = ntohs(four->sin_port);
    } else if (socket->ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &six->sin6_addr, out->host, sizeof out->host);
        out->port = ntohs(six->sin6_port);
    }
}

/* An address stays empty if it cannot be read, as after the client has left. */
static void look_up_addresses(struct connection *connection)
{
    struct sockaddr_storage socket = {0};
    socklen_t bytes = sizeof socket;
    if (getpeername(connection->fd, (struct sockaddr *)&socket, &bytes) == 0)
        describe(&socket, &connection->peer);
    bytes = sizeof socket;
    if (getsockname(connection->fd, (struct sockaddr *)&socket, &bytes) == 0)
        describe(&socket, &connection->local);
}

void connection_addresses(struct connection *connection, struct address *peer, struct address *local)
{
    if (connection->local.port == 0)
        look_up_addresses(connection);
    *peer = connection->peer;
    *local = connection->local;
}

void connection_limit_unsent(const struct connection *connection)
{
    int unsent_bytes = UNSENT_BYTES;
    (void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes, sizeof unsent_bytes);
}

static void forget_kick(struct connection *connection)
{
    if (connection->kicked)
        SLIST_REMOVE(&connection->io_thread->kicked, connection, connection, kicked_link);
}

/* True if closing the socket now would reset the connection, and so destroy response bytes that are still in flight. */
static bool has_unread(const struct connection *connection)
{
    int bytes = 0;
    return ioctl(connection->fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

void connection_free(struct connection *connection)
{
    struct io_thread *io_thread = connection->io_thread;
    loop_check(io_thread->loop);
    CHECK(connection->stage == STAGE_NONE && !connection->websocket);
    if (connection->linger || has_unread(connection))
        lingering_close_start(&io_thread->lingering_closes, connection->fd);
    timeouts_set(&io_thread->timeouts, connection, TIMEOUT_NOT, 0);
    forget_kick(connection);
    LIST_REMOVE(connection, link);
    io_thread->connection_count--;
    io_thread->by_fd[connection->fd] = NULL;
    own_fds_remove(connection->fd); /* libmicrohttpd closes it after this */
    counter_add(&io_thread->loop->stats.connections_closed, 1);
    free(connection);
}

void connection_kick(struct connection *connection)
{
    loop_check(connection->io_thread->loop);
    struct io_thread *io_thread = connection->io_thread;
    if (connection->kicked)
        return;
    connection->kicked = true;
    SLIST_INSERT_HEAD(&io_thread->kicked, connection, kicked_link);
    io_thread_want_run(io_thread);
}

/* True if libmicrohttpd is reading: between requests, and while it waits for the end of a body. Never true of a
 * connection that may be suspended, since libmicrohttpd must not suspend one twice. */
static bool is_being_read(const struct connection *connection)
{
    switch (connection->stage) {
    case STAGE_NONE:
    case STAGE_READING:
        return true;
    case STAGE_PENDING:
    case STAGE_ANSWERED:
        return connection->input == INPUT_CUT || (connection->request && connection->filling == connection->request);
    default:
        return false;
    }
}

/* To suspend and resume a connection is the only way to make libmicrohttpd read it when epoll has reported nothing. The
 * manual allows that only in the access handler, for the sake of daemons with threads of their own. This daemon does
 * nothing between its runs, and the code of libmicrohttpd 0.9.75 and 1.0 agrees. */
void connection_carry_out_kicks(struct io_thread *io_thread)
{
    struct connection *connection = SLIST_FIRST(&io_thread->kicked);
    SLIST_INIT(&io_thread->kicked);
    while (connection) {
        struct connection *next = SLIST_NEXT(connection, kicked_link);
        connection->kicked = false;
        /* Any other connection is kicked when its exchange is completed, if there may be more to read. */
        if (is_being_read(connection)) {
            MHD_suspend_connection(connection->mhd);
            MHD_resume_connection(connection->mhd);
        }
        connection = next;
    }
}

void connection_close(struct connection *connection)
{
    if (connection->input != INPUT_CLOSING)
        transition_input(connection, INPUT_CLOSING);
    connection_kick(connection);
}

void connection_refuse(struct connection *connection, unsigned status, enum refusal refusal, const char *reason)
{
    if (!transition_allows_input(connection->input, INPUT_REFUSED))
        return;
    transition_input(connection, INPUT_REFUSED);
    connection->fault = (struct fault){status, refusal, reason};
}

struct fault connection_take_fault(struct connection *connection)
{
    struct fault fault = connection->fault;
    connection->fault.status = 0;
    return fault;
}

void connection_linger(struct connection *connection)
{
    connection->linger = true;
}

void connection_out_of_memory(struct connection *connection)
{
    connection_refuse(connection, 503, REFUSED_NOT, "out of memory");
}
