#include "connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static bool watch(struct connection *connection, int epoll, int operation, bool writable)
{
    struct epoll_event event = {.events = EPOLLIN | (writable ? EPOLLOUT : 0), .data.ptr = connection};
    connection->watching_writable = writable;
    return epoll_ctl(epoll, operation, connection->fd, &event) == 0;
}

bool connection_open(struct connection *connection, int epoll, const struct sockaddr_in *address)
{
    int yes = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd < 0)
        return false;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connection->state = CONNECTION_OPENING;
    if ((connect(connection->fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno != EINPROGRESS) ||
        !watch(connection, epoll, EPOLL_CTL_ADD, true)) {
        connection_close(connection);
        return false;
    }
    return true;
}

bool connection_opened(struct connection *connection, int epoll)
{
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return error == 0 && watch(connection, epoll, EPOLL_CTL_MOD, false);
}

bool connection_write(struct connection *connection, int epoll, const char *request, size_t length)
{
    size_t left = length - connection->written;
    ssize_t wrote = send(connection->fd, request + connection->written, left, MSG_NOSIGNAL);
    if (wrote < 0 && errno != EAGAIN)
        return false;
    connection->written += wrote > 0 ? (size_t)wrote : 0;
    bool unfinished = connection->written < length;
    return unfinished == connection->watching_writable || watch(connection, epoll, EPOLL_CTL_MOD, unfinished);
}

enum connection_read connection_read(struct connection *connection)
{
    static char buffer[256 << 10];
    ssize_t got = recv(connection->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN)
        return READ_MORE;
    if (got <= 0)
        return READ_CLOSED;
    switch (response_feed(&connection->response, buffer, (size_t)got)) {
    case RESPONSE_MORE:
        return READ_MORE;
    case RESPONSE_DONE:
        return READ_DONE;
    default:
        return READ_BROKEN;
    }
}

void connection_close(struct connection *connection)
{
    close(connection->fd);
    connection->state = CONNECTION_CLOSED;
}
