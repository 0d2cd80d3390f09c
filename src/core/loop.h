/* A loop: one libuv event loop on one thread, and the inbox (note.h) through which other threads tell it things: that a
 * request is answered, most of all. A wake-up (uv_async_send) costs a system call only where none is pending, so a
 * batch that comes back together wakes the loop once. */
#ifndef TANDEM_CORE_LOOP_H
#define TANDEM_CORE_LOOP_H

#include <stdatomic.h>
#include <uv.h>

#include "base/err.h"
#include "core/request.h"
#include "core/stats.h"

enum { LOOPS_MAX = 64 }; /* that --loops may ask for */

struct loop {
    uv_loop_t uv;
    unsigned id; /* its place in a model's loops */
    struct loop_stats stats;

    /* Set by the front. LOOP. Gets every request that a model gave back; takes it. */
    void (*on_answered)(struct loop *loop, struct request *request);
    void *front;

    struct request *free_requests; /* LOOP only */
    uv_async_t wake;
    struct inbox inbox;
    uv_timer_t delay_timer;
    uint64_t delay_due_ns;
};

/* A thread; another one may run it. On error nothing is left. Returns owned. */
WARN_UNUSED enum err loop_new(unsigned id, struct loop **out);

/* A thread, the loop not running, no request left, every handle but the loop's own closed. Delivers the last notes.
 * Takes the loop. */
void loop_free(struct loop *loop);

/* ANY thread. The loop that the calling thread runs, or NULL. */
struct loop *loop_current(void);

/* LOOP. The calling thread runs the loop, until something stops it (uv_stop). */
void loop_run(struct loop *loop);

/* ANY thread. Has the loop deliver the note, which is not under way already, soon; at the latest in loop_free. */
void loop_post(struct loop *loop, struct note *note);

#endif
