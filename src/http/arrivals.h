/* Arrivals: how accepted sockets, and the word to drain, come to a front from the listener's thread.
 *
 * A list under a lock that the giver appends to and the front's loop takes whole, and a wake-up. Beside it the number
 * of sockets that were given to the front and are not gone yet, by which the listener chooses. The order holds: a front
 * that is told to drain has got every socket that was given to it before. */
#ifndef TANDEM_HTTP_ARRIVALS_H
#define TANDEM_HTTP_ARRIVALS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <uv.h>

struct front;

struct arrivals {
    uv_mutex_t lock; /* guards all down to wake */
    struct arrival *first, *last;
    bool drain;
    uv_async_t wake;
    void (*on_drain)(struct front *front);
    atomic_uint open;  /* given, and not gone */
    unsigned adopting; /* LOOP: with libmicrohttpd, which 1.0 looks at only when it runs next: no connections yet */
};

/* LOOP's thread, or any where that is not running. on_drain: LOOP, once, behind all that was given to the front before
 * front_ask_drain. The handle is the owner's to close. */
void arrivals_init(struct arrivals *arrivals, struct front *front, void (*on_drain)(struct front *front));

/* The loop runs no more, the handle is closed, and all that was given is gone. */
void arrivals_free(struct arrivals *arrivals);

/* LOOP, in libmicrohttpd's NOTIFY_CONNECTION: a socket has become a connection; a connection has closed. */
void arrivals_started(struct arrivals *arrivals);
void arrivals_closed(struct arrivals *arrivals);

/* LOOP, after a run of libmicrohttpd: what it has not made connections of, it has dropped. */
void arrivals_ran(struct arrivals *arrivals);

#endif
