/* Lets a reply borrow a Python bytes object as its body, instead of copying it. The thread that lent the bytes gets
 * them back from the loop, and releases them later, in batches, under the GIL. */
#ifndef TANDEM_PYTHON_APP_BORROWED_BYTES_H
#define TANDEM_PYTHON_APP_BORROWED_BYTES_H

#include "python/interp/thread.h"

struct request;

/* The thread, the GIL held. Writes the reply: this status, no type, these bytes as the body. The reply borrows the
 * bytes if they do not fit into the reply itself, and the thread is the request's loop or has a wake; else it copies
 * them. Out of memory: the reply becomes a 500 that says so. */
void borrowed_bytes_put(struct python_thread *thread, struct request *request, unsigned status, PyObject *bytes);

/* The thread. True if enough borrowed bytes were returned (over 1 MiB) to justify taking the GIL to release them. The
 * loop calls the thread's wake then. */
bool borrowed_bytes_is_due(struct python_thread *thread);

/* The thread, the GIL held. Releases the bytes that were returned. */
void borrowed_bytes_let_go(struct python_thread *thread);

#endif
