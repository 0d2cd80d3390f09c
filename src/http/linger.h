/* Lingering close: when the server ends a connection whose client may still be sending, a plain close would have the
 * kernel answer those bytes with a reset, which can destroy the response before the client has read it (RFC 9112, 9.6).
 * So the sending side is closed, and what comes in is read and dropped: until the client closes too, for at most
 * limit_ms, and for at most LINGER_MAX connections of a front. */
#ifndef TANDEM_HTTP_LINGER_H
#define TANDEM_HTTP_LINGER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { LINGER_MAX = 256 };

struct lingering {
    uv_loop_t *loop;
    uint64_t limit_ms;
    struct lingerer *first;
    unsigned count;

    /* LOOP. One has ended; NULL where nobody wants to know. */
    void (*on_ended)(struct lingering *lingering);
    void *owner;
};

/* LOOP. Borrows the socket: keeps a duplicate of it, so the caller may close its own. Where too many linger already, or
 * no descriptor is left, does nothing. */
void linger_start(struct lingering *lingering, int fd);

/* LOOP. Closes them all. The loop must turn once more. */
void linger_stop_all(struct lingering *lingering);

#endif
