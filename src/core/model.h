/* A concurrency model: where, and under which lock, a request's handler runs.
 *
 * The io_thread submits requests one by one, and calls flush when it has no more for now. A model that hands work to
 * other threads, or takes a lock for it, does so once per such batch: in flush, or in work_off if it runs handlers on
 * the loop itself. Each successful submit is followed by exactly one request_done. */
#ifndef TANDEM_CORE_MODEL_H
#define TANDEM_CORE_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "base/cache_line.h"
#include "base/err.h"
#include "config/config.h"
#include "core/loop_stats.h"
#include "core/request.h"

struct loop;
struct model;

struct model_ops {
    const char *name;    /* the URL segment, and the key in /stats */
    const char *summary; /* where handlers run, for --help and / */
    bool needs_python;
    bool on_loop;  /* handlers run on the loops, not on threads of the model */
    bool evented;  /* handlers wait without blocking a thread: one thread has many requests */
    bool own_gils; /* each of its threads has its own interpreter and GIL */

    /* MAIN thread, the loops made but not running. Starts threads and interpreters; may block. On error nothing is left
     * running, and err_message() says why. */
    enum err (*start)(struct model *model);

    /* LOOP. Returns the reason why this model cannot run the request's workload, for a 501: a literal. Returns NULL if
     * it can. The callback is NULL if the model can run all workloads. */
    const char *(*refuses)(const struct model *model, const struct request *request);

    /* LOOP. ERR_OK: takes the request, and one request_done() follows, perhaps before this returns. ERR_BUSY: the queue
     * is full; the caller keeps the request and answers 503. Never waits for a handler on another thread. */
    enum err (*submit)(struct model *model, struct request *request);

    /* LOOP. There are no more requests to submit for now. NULL if submit leaves nothing undone. */
    void (*flush)(struct model *model, struct loop *loop);

    /* LOOP, after flush. Runs handlers of submitted requests on the loop, for a while. True: some requests are left for
     * the next call. NULL if handlers run elsewhere. */
    bool (*work_off)(struct model *model, struct loop *loop);

    /* LOOP. The answer is no longer wanted (request_give_up). NULL if the model has no use for that. */
    void (*cancel)(struct model *model, struct request *request);

    /* LOOP. The client of a mount's request sends nothing more, and has perhaps left: request_half_closed. The answer
     * is still wanted. NULL if the model has no use for that. */
    void (*half_closed)(struct model *model, struct request *request);

    /* LOOP, no longer running and with nothing in flight; other loops may still run. Gives up what the model keeps for
     * the calling thread, which may be about to end. NULL if that is nothing. */
    void (*leave)(struct model *model, struct loop *loop);

    /* MAIN thread, no loop running, nothing in flight. Joins every thread, frees everything. */
    void (*stop)(struct model *model);
};

/* An event loop of a model's own, beside the io_threads' loops. The model writes; ANY thread reads, even after the
 * loop's thread has ended. */
struct model_loop {
    _Atomic(const char *) implementation; /* "asyncio" or "uvloop", set last; NULL: there is no loop */
    struct histogram delay;               /* how late its timers fire */
    clockid_t cpu_clock;                  /* of its thread */
    uint64_t started_ns;
};

struct model {
    const struct model_ops *ops;
    unsigned index; /* in struct models, and in struct loop_stats */
    const struct config *config;
    const struct workloads *workloads;
    struct loop **loops;
    unsigned loop_count;

    unsigned threads;             /* that run handlers; 0 if the loops do; set by start */
    const char *const *fallbacks; /* modules that are pure Python in its interpreters only; ends with NULL; or NULL */
    const char *warning;          /* what it does wrong, for the user to read; NULL: nothing; set by start */
    struct model_loop own_loop;   /* its implementation is NULL if the model has no such loop; set by start */
    void *own;                    /* the model's own state */

    /* Requests of all loops in a queue that the model's threads take from. ANY thread. Every request writes it, so it
     * has a cache line of its own. A model on the loop counts in struct loop_stats instead: see model_waiting. */
    _Alignas(CACHE_LINE) atomic_uint queue_length;
};

/* ANY thread. Returns how many requests of all loops are submitted and not picked up. */
unsigned model_waiting(const struct model *model);

/* The models that run, in the order of src/models/models.c. */
struct models {
    struct model list[MODELS_MAX];
    unsigned count;
};

/* MAIN thread. Starts every model. On error, stops those already started. */
WARN_UNUSED enum err models_start(struct models *models);
void models_stop(struct models *models);

#endif
