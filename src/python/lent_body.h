/* The body of a WSGI app's reply, lent by Python: not copied, as long as the same thread gets it back. */
#ifndef TANDEM_PYTHON_LENT_BODY_H
#define TANDEM_PYTHON_LENT_BODY_H

#include "python/python_thread.h"

struct request;

/* Where the thread that holds the GIL is the request's loop, and the bytes are worth it, the reply has the bytes
 * themselves; else a copy. The thread, the GIL held. Writes the reply: this status, no type. Out of memory: the reply
 * becomes a 500 that says so. */
void lent_body_put(struct python_thread *thread, struct request *request, unsigned status, PyObject *bytes);

/* The thread. Whether so much has come back that it should take the GIL to let go of it. */
bool lent_body_is_due(const struct python_thread *thread);

/* The thread, the GIL held. Lets go of the bytes that have come back. */
void lent_body_let_go(struct python_thread *thread);

#endif
