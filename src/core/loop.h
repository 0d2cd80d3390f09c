/* A loop: one libuv event loop on one thread, and an inbox (inbox.h) through which other threads tell it things, above
 * all that a request is answered. A wake-up (uv_async_send) costs a system call only if none is pending, so a batch of
 * answers wakes the loop once. */
#ifndef TANDEM_CORE_LOOP_H
#define TANDEM_CORE_LOOP_H

#include <stdatomic.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/check.h"
#include "base/err.h"
#include "core/loop_stats.h"
#include "core/request.h"

enum { LOOPS_MAX = 64 }; /* the most that --loops allows */

struct loop {
    uv_loop_t uv;
    unsigned id; /* its index in a model's loops */
    struct loop_stats stats;

    /* Set by the io_thread. LOOP. Takes each request that a model gives back. */
    void (*on_answered)(struct loop *loop, struct request *request);
    void *io_thread;
    atomic_bool running;
    uint64_t answered_ns; /* LOOP only: finished_ns of the last request that was answered on the loop's thread */

    SLIST_HEAD(free_requests, request) free_requests; /* LOOP only */
    uv_async_t wake;
    struct inbox inbox;
    uv_timer_t delay_timer;
    uint64_t delay_due_ns;
};

/* ANY thread; another one may run the loop. *out is owned. On error nothing is left, and err_message() says why. */
WARN_UNUSED enum err loop_new(unsigned id, struct loop **out);

/* ANY thread. The loop is not running, has no request left, and every handle but its own is closed or closing. Delivers
 * the last messages, lets the closing handles finish, and takes the loop. */
void loop_free(struct loop *loop);

/* ANY thread. Returns the loop that the calling thread runs, or NULL. */
struct loop *loop_current(void);

/* The calling thread becomes the loop's thread, and runs the loop until uv_stop. */
void loop_run(struct loop *loop);

/* In a test build, aborts if the caller of a LOOP function is not the loop's thread. While the loop does not run, any
 * one thread may call such functions. */
static inline void loop_check(const struct loop *loop)
{
    if (TANDEM_TEST_SETTINGS)
        CHECK(loop_current() == loop || !atomic_load_explicit(&loop->running, memory_order_relaxed));
}

/* ANY thread. Has the loop deliver the message soon, at the latest in loop_free. The message must be in no inbox. */
void loop_post(struct loop *loop, struct inbox_message *inbox_message);

#endif
