/* A thread's place in an interpreter. A thread that runs Python makes one itself, keeps it, and ends it itself.
 *
 * PyGILState_* is not used anywhere: it knows only one interpreter. */
#ifndef TANDEM_PYTHON_PYTHON_THREAD_H
#define TANDEM_PYTHON_PYTHON_THREAD_H

#include "python/gil_wait.h"
#include "python/interpreter.h"

struct lent_body;
struct wsgi;

struct python_thread {
    PyThreadState *state;
    PyThreadState *creator; /* its state in the main interpreter, where it has a subinterpreter of its own; else NULL */
    struct interpreter *interpreter;
    struct workload_calls *calls; /* its interpreter's */
    struct wsgi *wsgi;            /* for the user's app; NULL before its first call */
    struct kept *kept;
    bool inside;                /* it has the GIL, as far as python_enter and python_leave know */
    struct lent_body *returned; /* that replies do not need any more: see lent_body.h */
    size_t returned_bytes;
    struct gil_account account;
    struct python_thread *next;
};

/* The thread that will use it; it does not hold the GIL. In the main interpreter; on the MAIN thread it gets the
 * interpreter's own state. Returns owned; NULL where memory ran out. */
struct python_thread *python_thread_new(void);

/* The same in a subinterpreter with its own GIL, made for this thread. NULL: err_message() says why. */
struct python_thread *python_thread_new_interpreter(void);

/* The same thread, not holding the GIL. Ends its subinterpreter, if it has one. Its account still counts towards the
 * totals. */
void python_thread_end(struct python_thread *thread);

/* The same thread. Takes the GIL, waiting for it; lets it go. */
void python_enter(struct python_thread *thread);
void python_leave(struct python_thread *thread);

/* MAIN thread. Says that it is the one, and which state is the main interpreter's own. */
void python_thread_set_main(PyThreadState *state);

/* MAIN thread, Python finalized. Frees them all. */
void python_thread_forget_all(void);

/* ANY thread. Adds the waits of every thread that is or was in the interpreter. */
void python_thread_sum_waits(const struct interpreter *interpreter, uint64_t *wait_ns, uint64_t *waits);

/* The GIL held. threading takes threads that it has not made for daemons, and what those start inherits that; but the
 * end waits for what a handler has started, as with other servers. */
void python_thread_is_no_daemon(void);

#endif
