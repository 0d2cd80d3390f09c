/* wsgi.errors (PEP 3333, "Input and Error Streams"): one object per thread, tandem.wsgi.Errors. It logs whole lines,
 * and keeps the beginning of a line until its end is written. All functions run with the GIL held. */
#ifndef TANDEM_PYTHON_WSGI_ERRORS_H
#define TANDEM_PYTHON_WSGI_ERRORS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "python/interp/thread.h"

/* Returns the function that the object calls when it keeps the beginning of a line. A new reference; NULL with an
 * exception set. */
PyObject *wsgi_errors_begin_line_new(struct python_thread *thread);

/* Takes the object from the environ that all have in common, a dict. False: an exception is set. */
bool wsgi_errors_open(struct python_thread *thread, PyObject *common);
void wsgi_errors_close(struct python_thread *thread);

void wsgi_errors_flush(struct python_thread *thread);

/* No exception is set. The app's code of a request has run: logs the line that it began and did not end, so that the
 * next request's text does not continue it. */
static inline void wsgi_errors_end_line(struct python_thread *thread)
{
    if (thread->line_begun && thread->errors)
        wsgi_errors_flush(thread);
}

#endif
