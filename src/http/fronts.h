/* The fronts of a site: one per loop, all behind one listener, each loop on a thread of its own but for the first,
 * which the caller runs. They share the connections (listener.h) and the models; a connection stays with its front, and
 * a request returns to the loop that it came from.
 *
 * Their end is a drain: each front that has nothing left stops its loop, and its thread ends. */
#ifndef TANDEM_HTTP_FRONTS_H
#define TANDEM_HTTP_FRONTS_H

#include <uv.h>

#include "base/err.h"
#include "core/loop.h"
#include "core/site.h"
#include "http/listener.h"

struct front;

struct fronts {
    struct listener *listener;
    struct front *list[LOOPS_MAX];
    unsigned count;
    uv_thread_t threads[LOOPS_MAX]; /* but for the first */
};

/* MAIN thread, the loops made but not running. What the pointers point to must outlive the fronts; the struct must not
 * move. On error nothing is left. */
WARN_UNUSED enum err fronts_new(struct fronts *fronts, struct listener *listener, const struct site *site,
                                struct loop **loops, unsigned count);

/* MAIN thread. Starts the threads of all loops but the first. On error they have ended again. */
WARN_UNUSED enum err fronts_start(struct fronts *fronts);

/* The thread of the first loop, once. Runs it, and returns when all fronts have drained and all threads have ended. */
void fronts_run(struct fronts *fronts);

/* MAIN thread, when no loop runs. The loops must turn once more. */
void fronts_free(struct fronts *fronts);

#endif
