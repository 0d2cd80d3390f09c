/* Watchdogs: one per loop, which looks at a queue every millisecond for as long as something waits in it, and notices
 * when it does not move: then the handlers at work take long, or wait for something. */
#ifndef TANDEM_CORE_WATCHDOG_H
#define TANDEM_CORE_WATCHDOG_H

#include <stdbool.h>

#include "core/queue.h"

struct watchdog;

struct watchdogs {
    struct queue *queue;
    struct watchdog **of_loop;

    /* LOOP, no lock held. Something waits; stalled: nothing was taken since the look before. */
    void (*on_look)(struct queue *queue, struct loop *loop, bool stalled);
};

/* MAIN thread, the loops of the queue's model not running. On error nothing is left. */
WARN_UNUSED enum err watchdogs_init(struct watchdogs *watchdogs, struct queue *queue,
                                    void (*on_look)(struct queue *queue, struct loop *loop, bool stalled));

/* MAIN thread. Leaves the loops handles to close, which loop_free does. */
void watchdogs_free(struct watchdogs *watchdogs);

/* LOOP, right behind a flush. Looks from now on, until nothing waits. */
void watchdogs_start(struct watchdogs *watchdogs, struct loop *loop, uint64_t taken_total);

#endif
