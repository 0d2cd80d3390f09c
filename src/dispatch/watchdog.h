/* Watchdogs of a queue, one per loop. A watchdog looks at the queue every millisecond while requests wait in it, and
 * notices when it does not move: then the handlers at work take long, or wait for something. */
#ifndef TANDEM_DISPATCH_WATCHDOG_H
#define TANDEM_DISPATCH_WATCHDOG_H

#include <stdbool.h>

#include "dispatch/queue.h"

struct watchdog;

struct watchdogs {
    struct queue *queue;
    struct watchdog **of_loop;

    /* LOOP, no lock held. Requests wait. stalled: none was taken since the last look, or since watchdogs_start. */
    void (*on_look)(struct queue *queue, struct loop *loop, bool stalled);
};

/* MAIN thread, the loops of the queue's model not running. ERR_NOMEM: nothing is left, and err_message() is not set. */
WARN_UNUSED enum err watchdogs_init(struct watchdogs *watchdogs, struct queue *queue,
                                    void (*on_look)(struct queue *queue, struct loop *loop, bool stalled));

/* MAIN thread, the loops not running. Leaves closing handles to loop_free, which finishes them. */
void watchdogs_free(struct watchdogs *watchdogs);

/* LOOP, right after a flush. Starts the loop's watchdog, unless it runs; it stops when no request waits. taken_total:
 * the queue's, as of the flush. */
void watchdogs_start(struct watchdogs *watchdogs, struct loop *loop, uint64_t taken_total);

#endif
