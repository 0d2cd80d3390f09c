/* A thread's thread state in an interpreter, and what tandem keeps with it. Each thread that runs Python makes its own
 * struct python_thread, keeps it, and ends it itself.
 *
 * PyGILState_* is not used anywhere: it supports only one interpreter. */
#ifndef TANDEM_PYTHON_INTERP_THREAD_H
#define TANDEM_PYTHON_INTERP_THREAD_H

#include <stdatomic.h>
#include <sys/queue.h>

#include "core/inbox.h"
#include "python/interp/gil_wait.h"
#include "python/interp/interpreter.h"

struct wsgi;

struct python_thread {
    PyThreadState *state;
    PyThreadState *creator; /* the thread's state in the main interpreter, if it has a subinterpreter; else NULL */
    struct interpreter *interpreter;
    struct workload_module *calls; /* the interpreter's */
    struct wsgi *wsgi;             /* for calls of the user's WSGI app; NULL before the first */
    PyObject *errors;              /* those calls' wsgi.errors; NULL before the first */
    bool line_begun;               /* the app has begun a line there */
    struct kept_list kept;
    bool inside; /* between python_enter and python_leave; code in between may release the GIL */
    /* Bytes that no reply needs any more (python/app/borrowed_bytes.h). LOOP pushes, the thread delivers. */
    struct inbox returned;
    atomic_size_t returned_bytes;

    /* LOOP calls it when much was returned. NULL: the thread is the loop's own, or its replies borrow nothing. */
    void (*wake)(void *owner);
    void *owner;

    struct gil_account account;
    SLIST_ENTRY(python_thread) link;
};

/* ANY thread, from python_start on; the caller holds no GIL and will be the only user. Makes its place in the main
 * interpreter. The MAIN thread gets the interpreter's first thread state. NULL: memory ran out. The memory is freed by
 * python_thread_forget_all. */
struct python_thread *python_thread_new(void);

/* ANY thread but MAIN, holding no GIL. Makes a subinterpreter with its own GIL, and this thread's place in it. NULL:
 * err_message() says why. */
struct python_thread *python_thread_new_interpreter(void);

/* The thread that made it, holding no GIL. Ends the thread's subinterpreter, if it has one. Its account still counts
 * towards the totals. */
void python_thread_end(struct python_thread *thread);

/* The thread that made it. Enter waits for the GIL and takes it; leave releases it. */
void python_enter(struct python_thread *thread);
void python_leave(struct python_thread *thread);

/* MAIN thread. Records that the caller is the main thread, and state as the main interpreter's first thread state. */
void python_thread_set_main(PyThreadState *state);

/* MAIN thread, Python finalized. Frees every struct python_thread. */
void python_thread_forget_all(void);

/* ANY thread. Adds the GIL waits of every thread that is or was in the interpreter to *wait_ns and *waits. */
void python_thread_sum_waits(const struct interpreter *interpreter, uint64_t *wait_ns, uint64_t *waits);

/* The GIL held. Marks the calling thread as not a daemon, so that shutdown waits for threads that a handler has
 * started, as in other servers. threading treats threads that it did not create as daemons, and threads inherit that
 * from the one that starts them. */
void python_thread_is_no_daemon(void);

#endif
