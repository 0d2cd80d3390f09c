/* The Python side of an asyncio loop (asyncio_loop.h), which that alone includes. */
#ifndef TANDEM_PYTHON_ASYNCIO_SERVE_H
#define TANDEM_PYTHON_ASYNCIO_SERVE_H

#include "core/note.h"
#include "core/queue.h"
#include "python/flight.h"

struct asyncio_loop {
    struct model *model;
    struct queue queue;
    atomic_bool closed;
    atomic_bool clients_left; /* some request's answer is not wanted any more, or its client half-closed */
    int event_fd;
    atomic_bool signalled; /* event_fd is, and the loop will see it */
    struct inbox inbox;    /* of what other threads have to say to ASGI exchanges */

    uv_thread_t thread;
    uv_sem_t started;
    char failure[512]; /* why it has not started; empty where it has */
    bool app_failed;   /* that is the app's startup */

    /* Its thread's only. */
    struct python_thread *python;
    struct flights flights;
    PyObject *event_loop;
    struct asgi *asgi;  /* NULL: there is no ASGI app */
    PyObject *lifespan; /* likewise */
    uint64_t waited_ns; /* its waits for the GIL, up to the end of the latest batch */
};

extern const char *const asyncio_choices[]; /* by enum asyncio_choice */

/* ANY thread. Has the loop look at its queue and its inbox. */
void asyncio_wake(struct asyncio_loop *self);

/* ANY thread. Has the note delivered on the loop's thread. owner: the asyncio loop. */
void asyncio_post(void *owner, struct note *note);

/* Its thread, the GIL held. From the import to the event loop's end; posts started in between. */
void asyncio_serve(struct asyncio_loop *self);

#endif
