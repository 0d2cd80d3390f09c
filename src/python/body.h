/* The body of a reply, from Python's bytes. */
#ifndef TANDEM_PYTHON_BODY_H
#define TANDEM_PYTHON_BODY_H

#include "python/python_thread.h"

struct request;

/* The thread, the GIL held. Writes the reply: this status, no type. A model on the loop lends its reply the bytes,
 * since the same thread gets them back; another one's reply has a copy. Out of memory: the reply becomes a 500 that
 * says so. */
void body_put(struct python_thread *thread, struct request *request, unsigned status, PyObject *bytes);

/* The thread, the GIL held. Lets go of the bytes that have come back. */
void body_let_go(struct python_thread *thread);

#endif
