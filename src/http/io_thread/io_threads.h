/* The I/O threads: one per loop, with one listener for all. Each loop has a thread of its own, except the first, which
 * the caller runs. The listener distributes the connections (listener.h); all I/O threads use the same models. A
 * connection stays with its I/O thread, and a request returns to the loop that it came from.
 *
 * The I/O threads end by a drain: each one that has nothing left stops its loop, and its thread ends. */
#ifndef TANDEM_HTTP_IO_THREAD_IO_THREADS_H
#define TANDEM_HTTP_IO_THREAD_IO_THREADS_H

#include <uv.h>

#include "base/err.h"
#include "core/loop.h"
#include "core/routes.h"
#include "http/accept/listener.h"

struct io_thread;

struct io_threads {
    struct listener *listener;
    struct io_thread *list[LOOPS_MAX];
    unsigned count;
    uv_thread_t threads[LOOPS_MAX]; /* except the first */
};

/* MAIN thread, the loops made but not running. listener, routes and the loops must outlive the I/O threads. The struct
 * must not move. On error nothing is left after the loops have run once more. */
WARN_UNUSED enum err io_threads_new(struct io_threads *io_threads, struct listener *listener,
                                    const struct routes *routes, struct loop **loops, unsigned count);

/* MAIN thread. Starts the threads of all loops but the first. On error all started threads have ended again. */
WARN_UNUSED enum err io_threads_start(struct io_threads *io_threads);

/* The calling thread becomes the first loop's thread. Runs that loop, and returns when all I/O threads have drained and
 * all other threads have ended. Called once. */
void io_threads_run(struct io_threads *io_threads);

/* MAIN thread, when no loop runs. The loops must run once more: see io_thread_free. */
void io_threads_free(struct io_threads *io_threads);

#endif
