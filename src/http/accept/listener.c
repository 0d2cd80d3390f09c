#include "http/accept/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "base/own_fds.h"
#include "http/accept/listen_socket.h"
#include "http/connection/io_thread_state.h"

enum { ACCEPTS_PER_EVENT = 64, RETRY_MS = 100 };

/* Returns the I/O thread with the fewest connections. Among equals it is the next in turn, so that all get some while
 * few are open. *open: the number of connections of all I/O threads. */
static struct io_thread *choose(struct listener *listener, uint64_t *open)
{
    unsigned fewest = UINT_MAX, chosen = 0, count = atomic_load(&listener->io_thread_count);
    *open = 0;
    for (unsigned i = 1; i <= count; i++) {
        unsigned index = (listener->latest + i) % count;
        unsigned connections = accept_queue_connections(listener->io_threads[index]);
        *open += connections;
        if (connections < fewest) {
            fewest = connections;
            chosen = index;
        }
    }
    listener->latest = chosen;
    return listener->io_threads[chosen];
}

/* Returns NULL and pauses if max_connections are open. An I/O thread that closes a connection first counts it, then
 * reads paused. Here paused is set first and the count is read again, so that one of the two sees the other. */
static struct io_thread *choose_or_pause(struct listener *listener)
{
    uint64_t open;
    struct io_thread *io_thread = choose(listener, &open);
    if (open < listener->max_connections)
        return io_thread;
    atomic_store(&listener->paused, true);
    io_thread = choose(listener, &open);
    if (open >= listener->max_connections)
        return NULL;
    atomic_store(&listener->paused, false);
    return io_thread;
}

/* Tries again without a closed connection: something else may hold the descriptors or the memory that ran out. */
static void on_retry(uv_timer_t *retry)
{
    listener_on_closed(retry->data);
}

/* False: nothing more can be accepted now. */
static bool accept_one(struct listener *listener)
{
    struct sockaddr_storage address;
    socklen_t address_bytes = sizeof address;
    struct io_thread *io_thread = choose_or_pause(listener);
    if (!io_thread)
        return false;
    int fd = accept4(listener->fd, (struct sockaddr *)&address, &address_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        own_fds_add(fd);
        accept_queue_give(io_thread, fd, &address, address_bytes);
        return true;
    }
    if (errno == ECONNABORTED || errno == EINTR)
        return true;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log_warn("cannot accept a connection: %s; trying again in %d ms", strerror(errno), RETRY_MS);
        atomic_store(&listener->paused, true);
        CHECK(uv_timer_start(&listener->retry, on_retry, RETRY_MS, 0) == 0);
    } else if (errno != EAGAIN) {
        log_error("cannot accept a connection: %s", strerror(errno));
    }
    return false;
}

static void on_connectable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct listener *listener = poll->data;
    for (unsigned i = 0; i < ACCEPTS_PER_EVENT && accept_one(listener); i++)
        continue;
    if (atomic_load(&listener->paused))
        uv_poll_stop(poll);
}

static void close_socket(struct listener *listener)
{
    if (!listener->ended) {
        uv_close((uv_handle_t *)&listener->poll, NULL);
        uv_close((uv_handle_t *)&listener->retry, NULL);
    }
    listener->ended = true;
    if (listener->kept || listener->fd < 0)
        return;
    own_fds_close(listener->fd);
    listener->fd = -1;
}

static void drain(struct listener *listener)
{
    unsigned count = atomic_load(&listener->io_thread_count);
    if (count == 0)
        return; /* not started yet: listener_start wakes the loop again */
    if (listener->ended) {
        close_socket(listener); /* drained already, but perhaps the socket need no longer be kept */
        return;
    }
    while (!listener->kept && accept_one(listener))
        continue;
    close_socket(listener);
    uint64_t open;
    (void)choose(listener, &open);
    log_info("%llu connection%s open", (unsigned long long)open, open == 1 ? "" : "s");
    for (unsigned i = 0; i < count; i++)
        accept_queue_ask_drain(listener->io_threads[i]);
}

static void on_wake(uv_async_t *wake)
{
    struct listener *listener = wake->data;
    switch (atomic_load(&listener->order)) {
    case LISTENER_HOLD:
        break;
    case LISTENER_ACCEPT:
        atomic_store(&listener->paused, false);
        if (!listener->kept)
            CHECK(uv_poll_start(&listener->poll, UV_READABLE, on_connectable) == 0);
        break;
    case LISTENER_DRAIN:
        drain(listener);
        break;
    case LISTENER_CLOSE:
        close_socket(listener);
        uv_close((uv_handle_t *)wake, NULL);
        break;
    }
}

enum err listener_open(struct listener *listener, uv_loop_t *loop, const struct config *config, const char *option,
                       uint64_t port, int inherited)
{
    int fd = inherited;
    enum err err = inherited < 0 ? listen_socket_open(config->host, option, port, &fd)
                                 : listen_socket_adopt(inherited, config->host, option, port);
    if (err)
        return err;
    *listener = (struct listener){.max_connections = config->max_connections, .fd = fd};
    own_fds_add(fd);
    listen_socket_url(fd, listener->url);
    CHECK(uv_poll_init(loop, &listener->poll, listener->fd) == 0);
    CHECK(uv_timer_init(loop, &listener->retry) == 0);
    CHECK(uv_async_init(loop, &listener->wake, on_wake) == 0);
    listener->poll.data = listener->retry.data = listener->wake.data = listener;
    return ERR_OK;
}

static void wake(struct listener *listener)
{
    CHECK(uv_async_send(&listener->wake) == 0);
}

static void order(struct listener *listener, enum listener_order wanted)
{
    enum listener_order now = atomic_load(&listener->order);
    while (now < wanted && !atomic_compare_exchange_weak(&listener->order, &now, wanted))
        continue;
    wake(listener);
}

void listener_start(struct listener *listener, struct io_thread *const *io_threads, unsigned count)
{
    listener->io_threads = io_threads;
    atomic_store(&listener->io_thread_count, count);
    order(listener, LISTENER_ACCEPT);
}

void listener_on_closed(struct listener *listener)
{
    if (atomic_load(&listener->paused))
        wake(listener);
}

void listener_keep(struct listener *listener, bool keep)
{
    listener->kept = keep;
    if (keep && !listener->ended)
        uv_poll_stop(&listener->poll);
}

void listener_drain(struct listener *listener)
{
    order(listener, LISTENER_DRAIN);
}

void listener_close(struct listener *listener)
{
    order(listener, LISTENER_CLOSE);
}
