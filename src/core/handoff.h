/* The hand-off of requests from loops to worker threads, which share one lock, the GIL, or run in parallel.
 *
 * What made it fast (docs/performance.md has the figures):
 *  - A loop hands over once per turn. A worker goes on as long as there is work, popping one request at a time, so the
 *    GIL is taken once per batch.
 *  - Where the workers share a lock, one is woken, and that only where all of them sleep. While a handler blocks
 *    without the lock, the others must go on: where the watchdog (watchdog.h) sees that the queue does not move, a
 *    second worker is woken, and for the next second one worker always stands by, waiting for the lock behind the one
 *    that works. Standing by all the time costs forced switches; never doing so leaves the queue to the slowest
 * handler.
 *  - Where they run in parallel, a further one is woken as soon as those awake would need longer for what waits than a
 *    wake-up is worth, by the mean of the handlers' times (pace.h). The watchdog asks again, for that is learnt while
 *    they are worked off, and sees to the handler that takes much longer.
 *
 * A worker's life: wait (asleep, no lock) → take the lock → first, next, next … (NULL) → let the lock go → wait. */
#ifndef TANDEM_CORE_HANDOFF_H
#define TANDEM_CORE_HANDOFF_H

#include <uv.h>

#include "base/err.h"
#include "core/pace.h"
#include "core/queue.h"
#include "core/watchdog.h"

enum { HANDOFF_WORKERS_MAX = 64 };

struct handoff_worker {
    uv_cond_t wake;
    bool woken;
};

enum handoff_kind { HANDOFF_SHARED_LOCK, HANDOFF_PARALLEL };

struct handoff {
    struct queue queue; /* its lock guards all below, too */
    enum handoff_kind kind;
    unsigned worker_count;
    unsigned parked_count;
    unsigned parked[HANDOFF_WORKERS_MAX]; /* a stack: the one that slept shortest wakes first */
    unsigned standing_by;                 /* woken, and not yet at their first request */
    struct pace pace;
    bool closed;
    struct handoff_worker workers[HANDOFF_WORKERS_MAX];
    struct watchdogs watchdogs;
};

/* MAIN thread, the loops not running. worker_count: 1 … HANDOFF_WORKERS_MAX. On error nothing is left. */
WARN_UNUSED enum err handoff_init(struct handoff *handoff, struct model *model, enum handoff_kind kind,
                                  unsigned worker_count);

/* MAIN thread, every worker ended. Leaves the loops handles to close, which loop_free does. */
void handoff_free(struct handoff *handoff);

/* LOOP. As model_ops.submit and .flush. */
WARN_UNUSED enum err handoff_submit(struct handoff *handoff, struct request *request);
void handoff_flush(struct handoff *handoff, struct loop *loop);

/* WORKER, the shared lock not held. Sleeps until there may be work. False: closed, end the thread. */
bool handoff_wait(struct handoff *handoff, unsigned worker);

/* WORKER, the shared lock held, if there is one. first: right after it was taken; next: from then on, until NULL.
 * took_ns: how long the one before was handled. */
struct request *handoff_first(struct handoff *handoff);
struct request *handoff_next(struct handoff *handoff, uint64_t took_ns);

/* ANY thread. Every worker ends once the queue is empty. */
void handoff_close(struct handoff *handoff);

#endif
