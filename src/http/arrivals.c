#include "http/arrivals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "http/front.h"

struct arrival {
    struct arrival *next;
    int fd;
    socklen_t address_bytes;
    struct sockaddr_storage address;
};

/* LOOP. */
static void adopt(struct front *front, const struct arrival *arrival)
{
    struct arrivals *arrivals = &front->arrivals;
    unsigned before = arrivals->adopting++;
    front_want_turn(front);
    if (MHD_add_connection(front->daemon, arrival->fd, (const struct sockaddr *)&arrival->address,
                           arrival->address_bytes) == MHD_YES)
        return;
    log_warn("libmicrohttpd refused a connection: %s", strerror(errno));
    if (arrivals->adopting == before)
        return; /* it had started, and has closed: both are counted */
    arrivals->adopting--;
    arrivals_closed(arrivals);
}

static void on_wake(uv_async_t *wake)
{
    struct front *front = wake->data;
    struct arrivals *arrivals = &front->arrivals;
    uv_mutex_lock(&arrivals->lock);
    struct arrival *arrival = arrivals->first;
    arrivals->first = arrivals->last = NULL;
    bool drain = arrivals->drain;
    uv_mutex_unlock(&arrivals->lock);

    while (arrival) {
        struct arrival *next = arrival->next;
        adopt(front, arrival);
        free(arrival);
        arrival = next;
    }
    if (drain && !front->draining)
        arrivals->on_drain(front);
}

static void wake(struct front *front)
{
    CHECK(uv_async_send(&front->arrivals.wake) == 0);
}

void front_give(struct front *front, int fd, const struct sockaddr_storage *address, socklen_t address_bytes)
{
    struct arrivals *arrivals = &front->arrivals;
    struct arrival *arrival = malloc(sizeof *arrival);
    if (!arrival) {
        log_warn("out of memory for a connection");
        close(fd);
        return;
    }
    *arrival = (struct arrival){.fd = fd, .address = *address, .address_bytes = address_bytes};
    atomic_fetch_add(&arrivals->open, 1);
    uv_mutex_lock(&arrivals->lock);
    if (arrivals->last)
        arrivals->last->next = arrival;
    else
        arrivals->first = arrival;
    arrivals->last = arrival;
    uv_mutex_unlock(&arrivals->lock);
    wake(front);
}

void front_ask_drain(struct front *front)
{
    uv_mutex_lock(&front->arrivals.lock);
    front->arrivals.drain = true;
    /* Under the lock: once the loop has seen the word the front may be gone at any moment. */
    wake(front);
    uv_mutex_unlock(&front->arrivals.lock);
}

unsigned front_connections(const struct front *front)
{
    return atomic_load(&front->arrivals.open);
}

void arrivals_started(struct arrivals *arrivals)
{
    if (arrivals->adopting > 0)
        arrivals->adopting--;
}

/* In this order with what listener_on_closed reads: see choose_or_pause there. */
void arrivals_closed(struct arrivals *arrivals)
{
    struct front *front = arrivals->wake.data;
    CHECK(atomic_fetch_sub(&arrivals->open, 1) > 0);
    front->events->on_closed(front);
}

void arrivals_ran(struct arrivals *arrivals)
{
    for (; arrivals->adopting > 0; arrivals->adopting--)
        arrivals_closed(arrivals);
}

void arrivals_init(struct arrivals *arrivals, struct front *front, void (*on_drain)(struct front *front))
{
    arrivals->on_drain = on_drain;
    CHECK(uv_mutex_init(&arrivals->lock) == 0);
    CHECK(uv_async_init(&front->loop->uv, &arrivals->wake, on_wake) == 0);
    arrivals->wake.data = front;
}

void arrivals_free(struct arrivals *arrivals)
{
    CHECK(!arrivals->first && atomic_load(&arrivals->open) == 0);
    uv_mutex_destroy(&arrivals->lock);
}
