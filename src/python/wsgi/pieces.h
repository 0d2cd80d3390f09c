/* Handles the iterable that a WSGI app returns; its items are the pieces of the body. All functions run with the GIL
 * held. */
#ifndef TANDEM_PYTHON_WSGI_PIECES_H
#define TANDEM_PYTHON_WSGI_PIECES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

/* True if the piece is bytes. False: an exception is set. */
bool wsgi_check_piece(PyObject *piece);

/* Returns the next piece that is not empty, a new reference. NULL at the end, or with an exception set. */
PyObject *wsgi_next_piece(PyObject *iterator);

/* Calls result.close(), if it exists; an exception from it goes to the log. No exception may be set on entry. */
void wsgi_close_result(PyObject *result);

#endif
