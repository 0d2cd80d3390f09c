#include "http/connection/accept_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "base/own_fds.h"
#include "http/connection/io_thread_state.h"

struct accepted_socket {
    STAILQ_ENTRY(accepted_socket) link;
    int fd;
    socklen_t address_bytes;
    struct sockaddr_storage address;
};

/* LOOP. Hands the socket to libmicrohttpd, which closes it on failure. */
static void adopt(struct io_thread *io_thread, const struct accepted_socket *accepted_socket)
{
    struct accept_queue *accept_queue = &io_thread->accept_queue;
    unsigned before = accept_queue->adopting++;
    io_thread_want_run(io_thread);
    own_fds_remove(accepted_socket->fd); /* connection_new adds it again */
    if (MHD_add_connection(io_thread->daemon, accepted_socket->fd, (const struct sockaddr *)&accepted_socket->address,
                           accepted_socket->address_bytes) == MHD_YES)
        return;
    log_warn("libmicrohttpd refused a connection: %s", strerror(errno));
    if (accept_queue->adopting == before)
        return; /* the connection had started and has closed; both are counted */
    accept_queue->adopting--;
    accept_queue_closed(accept_queue);
}

static void on_wake(uv_async_t *wake)
{
    struct io_thread *io_thread = wake->data;
    struct accept_queue *accept_queue = &io_thread->accept_queue;
    struct accepted_sockets accepted = STAILQ_HEAD_INITIALIZER(accepted);
    uv_mutex_lock(&accept_queue->lock);
    STAILQ_CONCAT(&accepted, &accept_queue->sockets);
    bool drain = accept_queue->drain;
    uv_mutex_unlock(&accept_queue->lock);

    while (!STAILQ_EMPTY(&accepted)) {
        struct accepted_socket *accepted_socket = STAILQ_FIRST(&accepted);
        STAILQ_REMOVE_HEAD(&accepted, link);
        adopt(io_thread, accepted_socket);
        free(accepted_socket);
    }
    if (drain && !io_thread->draining)
        accept_queue->on_drain(io_thread);
}

static void wake(struct io_thread *io_thread)
{
    CHECK(uv_async_send(&io_thread->accept_queue.wake) == 0);
}

void accept_queue_give(struct io_thread *io_thread, int fd, const struct sockaddr_storage *address,
                       socklen_t address_bytes)
{
    struct accept_queue *accept_queue = &io_thread->accept_queue;
    struct accepted_socket *accepted_socket = malloc(sizeof *accepted_socket);
    if (!accepted_socket) {
        log_warn("out of memory for a connection");
        own_fds_close(fd);
        return;
    }
    *accepted_socket = (struct accepted_socket){.fd = fd, .address = *address, .address_bytes = address_bytes};
    atomic_fetch_add(&accept_queue->open, 1);
    uv_mutex_lock(&accept_queue->lock);
    STAILQ_INSERT_TAIL(&accept_queue->sockets, accepted_socket, link);
    uv_mutex_unlock(&accept_queue->lock);
    wake(io_thread);
}

void accept_queue_ask_drain(struct io_thread *io_thread)
{
    uv_mutex_lock(&io_thread->accept_queue.lock);
    io_thread->accept_queue.drain = true;
    /* Wakes the loop under the lock: once the loop has seen drain, the I/O thread may be freed at any moment. */
    wake(io_thread);
    uv_mutex_unlock(&io_thread->accept_queue.lock);
}

unsigned accept_queue_connections(const struct io_thread *io_thread)
{
    return atomic_load(&io_thread->accept_queue.open);
}

void accept_queue_started(struct accept_queue *accept_queue)
{
    if (accept_queue->adopting > 0)
        accept_queue->adopting--;
}

/* Decrements open before listener_on_closed() reads paused: see choose_or_pause() in http/accept/listener.c. */
void accept_queue_closed(struct accept_queue *accept_queue)
{
    struct io_thread *io_thread = accept_queue->wake.data;
    CHECK(atomic_fetch_sub(&accept_queue->open, 1) > 0);
    io_thread->events->on_closed(io_thread);
}

void accept_queue_ran(struct accept_queue *accept_queue)
{
    for (; accept_queue->adopting > 0; accept_queue->adopting--)
        accept_queue_closed(accept_queue);
}

void accept_queue_init(struct accept_queue *accept_queue, struct io_thread *io_thread,
                       void (*on_drain)(struct io_thread *io_thread))
{
    accept_queue->on_drain = on_drain;
    STAILQ_INIT(&accept_queue->sockets);
    CHECK(uv_mutex_init(&accept_queue->lock) == 0);
    CHECK(uv_async_init(&io_thread->loop->uv, &accept_queue->wake, on_wake) == 0);
    accept_queue->wake.data = io_thread;
}

void accept_queue_free(struct accept_queue *accept_queue)
{
    CHECK(STAILQ_EMPTY(&accept_queue->sockets) && atomic_load(&accept_queue->open) == 0);
    uv_mutex_destroy(&accept_queue->lock);
}
