#include "http/linger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

struct lingerer {
    struct lingering *lingering;
    struct lingerer *before, *after;
    int fd;
    unsigned open_handles;
    uv_poll_t poll;
    uv_timer_t timer;
};

static void on_handle_closed(uv_handle_t *handle)
{
    struct lingerer *lingerer = handle->data;
    if (--lingerer->open_handles > 0)
        return;
    close(lingerer->fd);
    free(lingerer);
}

static void stop(struct lingerer *lingerer)
{
    struct lingering *lingering = lingerer->lingering;
    if (lingerer->before)
        lingerer->before->after = lingerer->after;
    else
        lingering->first = lingerer->after;
    if (lingerer->after)
        lingerer->after->before = lingerer->before;
    lingering->count--;
    uv_close((uv_handle_t *)&lingerer->poll, on_handle_closed);
    uv_close((uv_handle_t *)&lingerer->timer, on_handle_closed);
    if (lingering->on_ended)
        lingering->on_ended(lingering);
}

static void on_timeout(uv_timer_t *timer)
{
    stop(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)events;
    char dropped[16 * 1024];
    struct lingerer *lingerer = poll->data;
    ssize_t got = status < 0 ? 0 : read(lingerer->fd, dropped, sizeof dropped);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        stop(lingerer);
}

void linger_start(struct lingering *lingering, int fd)
{
    if (lingering->count == LINGER_MAX)
        return;
    struct lingerer *lingerer = calloc(1, sizeof *lingerer);
    if (!lingerer)
        return;
    lingerer->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (lingerer->fd < 0 || uv_poll_init(lingering->loop, &lingerer->poll, lingerer->fd)) {
        if (lingerer->fd >= 0)
            close(lingerer->fd);
        free(lingerer);
        return;
    }
    shutdown(lingerer->fd, SHUT_WR);
    CHECK(uv_timer_init(lingering->loop, &lingerer->timer) == 0);
    lingerer->lingering = lingering;
    lingerer->poll.data = lingerer->timer.data = lingerer;
    lingerer->open_handles = 2;
    lingerer->after = lingering->first;
    if (lingerer->after)
        lingerer->after->before = lingerer;
    lingering->first = lingerer;
    lingering->count++;
    CHECK(uv_poll_start(&lingerer->poll, UV_READABLE, on_readable) == 0);
    CHECK(uv_timer_start(&lingerer->timer, on_timeout, lingering->limit_ms, 0) == 0);
}

void linger_stop_all(struct lingering *lingering)
{
    while (lingering->first)
        stop(lingering->first);
}
