/* One connection: at most one request at a time, sent and answered without blocking. Knows nothing of the schedule. */
#ifndef OPEN_LOOP_CONNECTION_H
#define OPEN_LOOP_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "response.h"

enum connection_state { CONNECTION_CLOSED, CONNECTION_OPENING, CONNECTION_IDLE, CONNECTION_BUSY };

struct connection {
    int fd;
    enum connection_state state;
    uint64_t idle_since_ns;
    uint64_t intended_ns; /* of the request in flight */
    uint64_t sent_ns;
    size_t written;
    bool watching_writable;
    struct response response;
    TAILQ_ENTRY(connection) idle;
};

struct sockaddr_in;

/* Begins to connect, watched by the epoll. false: it could not even begin, the connection is closed. */
bool connection_open(struct connection *connection, int epoll, const struct sockaddr_in *address);

/* What has become of connecting, once it is writable. */
bool connection_opened(struct connection *connection, int epoll);

/* Writes what is left of the request. false: the connection is broken. */
bool connection_write(struct connection *connection, int epoll, const char *request, size_t length);

enum connection_read { READ_MORE, READ_DONE, READ_BROKEN, READ_CLOSED };

/* Reads once. CLOSED: the other side has closed it. */
enum connection_read connection_read(struct connection *connection);

void connection_close(struct connection *connection);

#endif
