#include "http/connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/clock.h"
#include "http/front.h"

enum { UNSENT_BYTES = 16 * 1024 };

struct connection *connection_new(struct front *front, struct MHD_Connection *mhd)
{
    int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    CHECK(fd >= 0 && fd < front->by_fd_size && !front->by_fd[fd]);
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->front = front;
    connection->mhd = mhd;
    connection->fd = fd;
    connection->deadline = DEADLINE_NOT;
    connection->after = front->connections;
    if (connection->after)
        connection->after->before = connection;
    front->connections = connection;
    front->connection_count++;
    front->by_fd[fd] = connection;
    counter_add(&front->loop->stats.connections_total, 1);
    deadline_set(&front->deadlines, connection, DEADLINE_HEADER, clock_ns());
    if (front->draining)
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

/* Where the client has left already they stay empty. */
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
    struct connection **link = &connection->front->kicked;
    if (!connection->kicked)
        return;
    while (*link != connection)
        link = &(*link)->next_kicked;
    *link = connection->next_kicked;
}

/* Whether closing its socket now would reset the connection, which destroys what of a response is still on its way. */
static bool has_unread(const struct connection *connection)
{
    int bytes = 0;
    return !connection->end_of_input && ioctl(connection->fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

void connection_free(struct connection *connection)
{
    struct front *front = connection->front;
    CHECK(connection->stage == STAGE_NONE && !connection->websocket);
    if (connection->linger || has_unread(connection))
        linger_start(&front->lingering, connection->fd);
    deadline_set(&front->deadlines, connection, DEADLINE_NOT, 0);
    forget_kick(connection);
    if (connection->before)
        connection->before->after = connection->after;
    else
        front->connections = connection->after;
    if (connection->after)
        connection->after->before = connection->before;
    front->connection_count--;
    front->by_fd[connection->fd] = NULL;
    counter_add(&front->loop->stats.connections_closed, 1);
    free(connection);
}

void connection_kick(struct connection *connection)
{
    struct front *front = connection->front;
    if (connection->kicked)
        return;
    connection->kicked = true;
    connection->next_kicked = front->kicked;
    front->kicked = connection;
    front_want_turn(front);
}

/* Between requests, and while a body is not whole, for libmicrohttpd at least. */
static bool is_being_read(const struct connection *connection)
{
    return connection->stage == STAGE_NONE || connection->stage == STAGE_READING || connection->cut ||
           (connection->request && connection->filling == connection->request);
}

/* Suspending and resuming is libmicrohttpd's one way to have a connection looked at that epoll reported nothing of. Its
 * manual allows that in the access handler only, for the sake of daemons with threads of their own; this one does
 * nothing between its runs, and the code of 0.9.75 and of 1.0 agrees. */
void connection_carry_out_kicks(struct front *front)
{
    struct connection *connection = front->kicked;
    front->kicked = NULL;
    while (connection) {
        struct connection *next = connection->next_kicked;
        connection->kicked = false;
        /* Else libmicrohttpd is not reading; it is kicked again when the exchange is completed. */
        if (is_being_read(connection)) {
            MHD_suspend_connection(connection->mhd);
            MHD_resume_connection(connection->mhd);
        }
        connection = next;
    }
}

void connection_close(struct connection *connection)
{
    connection->closing = true;
    connection_kick(connection);
}

void connection_refuse(struct connection *connection, unsigned status, enum refusal refusal, const char *reason)
{
    connection->fault = (struct fault){status, refusal, reason};
}

void connection_out_of_memory(struct connection *connection)
{
    connection_refuse(connection, 503, REFUSED_NOT, "out of memory");
}
