/* A concurrency model: where, and under which lock, a request's handler runs.
 *
 * The front offers requests one by one (submit) and says when it has offered all it has for now (flush): a model that
 * hands work to other threads, or takes a lock to do it, does so once per such batch, in flush, or in work_off where it
 * runs handlers on the loop itself. One submit, one request_done. */
#ifndef TANDEM_CORE_MODEL_H
#define TANDEM_CORE_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "base/err.h"
#include "core/config.h"
#include "core/request.h"
#include "core/stats.h"

struct loop;
struct model;

struct model_ops {
    const char *name;    /* the URL segment, and the key in /stats */
    const char *summary; /* where it runs, for --help and / */
    bool needs_python;
    bool on_loop;  /* handlers run on the loops, not on threads of the model */
    bool evented;  /* handlers wait without occupying a thread: one thread has many requests */
    bool own_gils; /* each of its threads has an interpreter, and a GIL, of its own */

    /* MAIN thread, the loops made but not running. Starts threads and interpreters; may block. On error nothing is left
     * running. */
    enum err (*start)(struct model *model);

    /* LOOP. NULL: this model can run the workload; else the reason why not, for a 501. NULL where it can run all, or
     * finds out only when it tries. A literal. */
    const char *(*refuses)(const struct model *model, const struct request *request);

    /* LOOP. ERR_OK: takes the request, and one request_done() will follow, perhaps before this returns. ERR_BUSY: the
     * queue is full, the caller keeps it and answers 503. Never waits for a handler on another thread. */
    enum err (*submit)(struct model *model, struct request *request);

    /* LOOP. What was submitted since the last flush is all for now. NULL where submit leaves nothing undone. */
    void (*flush)(struct model *model, struct loop *loop);

    /* LOOP, behind flush. Runs handlers of what was submitted, on the loop, for a while. True: some is left, for the
     * next time. NULL where handlers run elsewhere. */
    bool (*work_off)(struct model *model, struct loop *loop);

    /* LOOP. The answer is not wanted any more. NULL where the model cannot make use of that. */
    void (*cancel)(struct model *model, struct request *request);

    /* LOOP. Its client sends nothing more, and has perhaps left: request_half_closed. The answer is still wanted. NULL
     * where the model cannot make use of that. */
    void (*half_closed)(struct model *model, struct request *request);

    /* LOOP, that runs no more and has nothing in flight; others may. Gives up what the model keeps for the calling
     * thread, which is about to end. NULL where that is nothing. */
    void (*leave)(struct model *model, struct loop *loop);

    /* MAIN thread, no loop running, nothing in flight. Joins every thread, frees everything. */
    void (*stop)(struct model *model);
};

/* An event loop of a model's own, beside the fronts'. Its thread writes, ANY reads, also when it has ended. */
struct model_loop {
    _Atomic(const char *) implementation; /* "asyncio"; NULL: there is no loop. Set after what is below. */
    struct histogram delay;               /* how late its timers fire */
    clockid_t cpu_clock;                  /* its thread's */
    uint64_t started_ns;
};

struct model {
    const struct model_ops *ops;
    unsigned index; /* in the list of models, and in struct loop_stats */
    const struct config *config;
    const struct workloads *workloads;
    struct loop **loops;
    unsigned loop_count;

    unsigned threads;             /* that run handlers, 0 where the loops do; set by start */
    atomic_uint queue_length;     /* submitted and not yet picked up, by all loops; ANY thread reads it */
    const char *const *fallbacks; /* modules that are pure Python in its interpreters only, NULL at the end; or NULL */
    struct model_loop own_loop;   /* its implementation is NULL where the model has none; set by start */
    void *own;                    /* the model's own */
};

/* The models that run, in the order of src/models/models.c. */
struct models {
    struct model list[MODELS_MAX];
    unsigned count;
};

/* Starts every model; on error those already started are stopped again. */
WARN_UNUSED enum err models_start(struct models *models);
void models_stop(struct models *models);

#endif
