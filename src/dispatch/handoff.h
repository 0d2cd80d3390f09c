/* The hand-off of requests from loops to worker threads. The workers share one lock, the GIL, or run in parallel.
 *
 * These rules make it fast (docs/lab-book.md has the figures):
 *  - A loop hands over a whole batch per flush. A worker goes on as long as there is work, popping one request at a
 *    time, so it takes the GIL once per batch.
 *  - Workers that share a lock: one is woken, and only if all of them sleep. While a handler blocks without the lock,
 *    the others must go on. If the watchdog (watchdog.h) sees that the queue does not move, it wakes a second worker.
 *    For the next second one worker always stands by, waiting for the lock that the working one holds. Standing by all
 *    the time would cost forced switches. Never doing so would leave the queue to the slowest handler.
 *  - Workers that run in parallel: another one is woken as soon as those awake would need longer for the waiting
 *    requests than a wake-up is worth, by the mean service time (service_time.h). The mean is learnt while they work,
 *    so the watchdog decides again every millisecond. That also covers a handler that takes much longer.
 *
 * A worker's life: wait (asleep, no lock) → take the lock → first, next, next … (NULL) → release the lock → wait. */
#ifndef TANDEM_DISPATCH_HANDOFF_H
#define TANDEM_DISPATCH_HANDOFF_H

#include <uv.h>

#include "base/err.h"
#include "dispatch/queue.h"
#include "dispatch/service_time.h"
#include "dispatch/watchdog.h"

enum { HANDOFF_WORKERS_MAX = 64 };

struct handoff_worker {
    uv_cond_t wake;
    bool woken;
};

enum handoff_kind { HANDOFF_SHARED_LOCK, HANDOFF_PARALLEL };

struct handoff {
    struct queue queue; /* its lock also guards the fields below, except watchdogs */
    enum handoff_kind kind;
    unsigned worker_count;
    unsigned parked_count;
    unsigned parked[HANDOFF_WORKERS_MAX]; /* indexes; a stack: the last one parked wakes first */
    unsigned standing_by;                 /* workers awake, and not yet at their first request */
    struct service_time service_time;
    bool closed;
    struct handoff_worker workers[HANDOFF_WORKERS_MAX];
    struct watchdogs watchdogs;
};

/* MAIN thread, the loops not running. worker_count: 1 … HANDOFF_WORKERS_MAX. On error nothing is left, and
 * err_message() says why. */
WARN_UNUSED enum err handoff_init(struct handoff *handoff, struct model *model, enum handoff_kind kind,
                                  unsigned worker_count);

/* MAIN thread, the loops not running, every worker ended. Leaves closing handles to loop_free, which finishes them. */
void handoff_free(struct handoff *handoff);

/* LOOP. The same as model_ops.submit and .flush. */
WARN_UNUSED enum err handoff_submit(struct handoff *handoff, struct request *request);
void handoff_flush(struct handoff *handoff, struct loop *loop);

/* WORKER, the shared lock not held. Sleeps until there may be work. False: the hand-off is closed and its queue empty,
 * so the thread must end. */
bool handoff_wait(struct handoff *handoff, unsigned worker);

/* WORKER, the shared lock held, if there is one. Returns the oldest request; NULL: none waits. Call handoff_first once
 * after handoff_wait, then handoff_next until NULL. took_ns: the service time of the request before. */
struct request *handoff_first(struct handoff *handoff);
struct request *handoff_next(struct handoff *handoff, uint64_t took_ns);

/* ANY thread. Every worker ends once the queue is empty. */
void handoff_close(struct handoff *handoff);

#endif
