#include "http/connection/lingering_close.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/own_fds.h"

struct lingering_socket {
    struct lingering_closes *lingering_closes;
    LIST_ENTRY(lingering_socket) link;
    int fd;
    unsigned open_handles;
    uv_poll_t poll;
    uv_timer_t timer;
};

static void on_handle_closed(uv_handle_t *handle)
{
    struct lingering_socket *lingering_socket = handle->data;
    if (--lingering_socket->open_handles > 0)
        return;
    own_fds_close(lingering_socket->fd);
    free(lingering_socket);
}

static void stop(struct lingering_socket *lingering_socket)
{
    struct lingering_closes *lingering_closes = lingering_socket->lingering_closes;
    LIST_REMOVE(lingering_socket, link);
    lingering_closes->count--;
    uv_close((uv_handle_t *)&lingering_socket->poll, on_handle_closed);
    uv_close((uv_handle_t *)&lingering_socket->timer, on_handle_closed);
    if (lingering_closes->on_ended)
        lingering_closes->on_ended(lingering_closes);
}

static void on_timeout(uv_timer_t *timer)
{
    stop(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)events;
    char dropped[16 * 1024];
    struct lingering_socket *lingering_socket = poll->data;
    ssize_t got = status < 0 ? 0 : read(lingering_socket->fd, dropped, sizeof dropped);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        stop(lingering_socket);
}

void lingering_close_start(struct lingering_closes *lingering_closes, int fd)
{
    if (lingering_closes->count == LINGERING_CLOSE_MAX)
        return;
    struct lingering_socket *lingering_socket = calloc(1, sizeof *lingering_socket);
    if (!lingering_socket)
        return;
    lingering_socket->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (lingering_socket->fd < 0 ||
        uv_poll_init(lingering_closes->loop, &lingering_socket->poll, lingering_socket->fd)) {
        if (lingering_socket->fd >= 0)
            close(lingering_socket->fd);
        free(lingering_socket);
        return;
    }
    own_fds_add(lingering_socket->fd);
    shutdown(lingering_socket->fd, SHUT_WR);
    CHECK(uv_timer_init(lingering_closes->loop, &lingering_socket->timer) == 0);
    lingering_socket->lingering_closes = lingering_closes;
    lingering_socket->poll.data = lingering_socket->timer.data = lingering_socket;
    lingering_socket->open_handles = 2;
    LIST_INSERT_HEAD(&lingering_closes->sockets, lingering_socket, link);
    lingering_closes->count++;
    CHECK(uv_poll_start(&lingering_socket->poll, UV_READABLE, on_readable) == 0);
    CHECK(uv_timer_start(&lingering_socket->timer, on_timeout, lingering_closes->limit_ms, 0) == 0);
}

void lingering_close_stop_all(struct lingering_closes *lingering_closes)
{
    while (!LIST_EMPTY(&lingering_closes->sockets))
        stop(LIST_FIRST(&lingering_closes->sockets));
}
