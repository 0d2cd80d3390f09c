/* The accept queue: brings accepted sockets, and the order to drain, from the listener's thread to an I/O thread.
 *
 * The listener appends to a list under a lock and wakes the I/O thread's loop, which takes the whole list. The queue
 * also counts the sockets that the I/O thread was given and has not closed yet; the listener chooses by that number.
 * Order is kept: an I/O thread that is told to drain has got every socket that was given to it before. */
#ifndef TANDEM_HTTP_CONNECTION_ACCEPT_QUEUE_H
#define TANDEM_HTTP_CONNECTION_ACCEPT_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <uv.h>

struct io_thread;

struct accept_queue {
    uv_mutex_t lock; /* guards sockets and drain */
    STAILQ_HEAD(accepted_sockets, accepted_socket) sockets;
    bool drain;
    uv_async_t wake;
    void (*on_drain)(struct io_thread *io_thread);
    atomic_uint open;  /* sockets given and not closed yet */
    unsigned adopting; /* LOOP: sockets that libmicrohttpd 1.0 has, and makes connections of in its next run */
};

/* The loop's thread, or any thread while the loop is not running. on_drain is called on the LOOP, once, after every
 * socket that was given before accept_queue_ask_drain. The owner closes the handle wake. */
void accept_queue_init(struct accept_queue *accept_queue, struct io_thread *io_thread,
                       void (*on_drain)(struct io_thread *io_thread));

/* The loop no longer runs, the handle is closed, and so is every socket that was given. */
void accept_queue_free(struct accept_queue *accept_queue);

/* LOOP, in libmicrohttpd's NOTIFY_CONNECTION: a socket has become a connection; a connection has closed. */
void accept_queue_started(struct accept_queue *accept_queue);
void accept_queue_closed(struct accept_queue *accept_queue);

/* LOOP, after a run of libmicrohttpd. Sockets that have not become connections in it were dropped: counts them as
 * closed. */
void accept_queue_ran(struct accept_queue *accept_queue);

/* ANY thread, before accept_queue_ask_drain. Takes the accepted, non-blocking socket; closes it if memory runs out. */
void accept_queue_give(struct io_thread *io_thread, int fd, const struct sockaddr_storage *address,
                       socklen_t address_bytes);

/* ANY thread. Returns how many sockets the I/O thread has, those still in the queue included. */
unsigned accept_queue_connections(const struct io_thread *io_thread);

/* ANY thread. Makes the loop call on_drain after it has taken every socket that was given. */
void accept_queue_ask_drain(struct io_thread *io_thread);

#endif
