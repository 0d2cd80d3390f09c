/* Lingering close: ends a connection whose client may still be sending. After a plain close the kernel would answer
 * those bytes with a reset, which can destroy the response before the client has read it (RFC 9112, 9.6). So the
 * server closes its sending side, and reads and drops the client's bytes until the client closes too. That takes at
 * most limit_ms, for at most LINGERING_CLOSE_MAX connections of an I/O thread at a time. */
#ifndef TANDEM_HTTP_CONNECTION_LINGERING_CLOSE_H
#define TANDEM_HTTP_CONNECTION_LINGERING_CLOSE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

enum { LINGERING_CLOSE_MAX = 256 };

struct lingering_closes {
    uv_loop_t *loop;
    uint64_t limit_ms;
    LIST_HEAD(lingering_sockets, lingering_socket) sockets;
    unsigned count;

    /* LOOP. A lingering close has ended. May be NULL. */
    void (*on_ended)(struct lingering_closes *lingering_closes);
    void *owner;
};

/* LOOP. Borrows the socket: keeps a duplicate, so the caller may close its own. Does nothing if LINGERING_CLOSE_MAX
 * sockets linger already, or no memory or descriptor is left. */
void lingering_close_start(struct lingering_closes *lingering_closes, int fd);

/* LOOP. Ends all lingering closes. The loop must run once more, to close the handles. */
void lingering_close_stop_all(struct lingering_closes *lingering_closes);

#endif
