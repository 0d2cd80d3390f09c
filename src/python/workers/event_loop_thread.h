/* The part of the event loop (event_loop.h) that runs Python. Private to event_loop.c. */
#ifndef TANDEM_PYTHON_WORKERS_EVENT_LOOP_THREAD_H
#define TANDEM_PYTHON_WORKERS_EVENT_LOOP_THREAD_H

#include "core/inbox.h"
#include "dispatch/queue.h"
#include "python/workers/task.h"

struct event_loop_state {
    struct model *model;
    struct queue queue;
    atomic_bool closed;
    atomic_bool clients_left; /* some request was given up, or its client half-closed */
    int event_fd;
    atomic_bool signalled; /* event_fd is signalled, and the event loop will look */
    struct inbox inbox;    /* messages from other threads to ASGI exchanges */

    uv_thread_t thread;
    uv_sem_t started;
    char failure[512]; /* why the event loop has not started; empty if it has */
    bool app_failed;   /* the user's app is what failed */

    /* The event loop's thread only. */
    struct python_thread *python;
    struct tasks tasks;
    PyObject *event_loop;
    struct asgi *asgi;  /* NULL: there is no ASGI app */
    PyObject *lifespan; /* the ASGI app's; NULL: there is none */
    uint64_t waited_ns; /* the thread's waits for the GIL, up to the end of the latest batch */
};

extern const char *const asyncio_choices[]; /* by enum asyncio_choice */

/* ANY thread. Makes the event loop look at its queue, its inbox and its flags. */
void event_loop_thread_wake(struct event_loop_state *self);

/* ANY thread. Has the message delivered on the event loop's thread. owner: the struct event_loop_state. */
void event_loop_thread_post(void *owner, struct inbox_message *inbox_message);

/* The event loop's thread, the GIL held. Makes the event loop, starts the ASGI app, if there is one, and serves until
 * closed. Posts started right before it serves, or when it has failed. */
void event_loop_thread_serve(struct event_loop_state *self);

#endif
