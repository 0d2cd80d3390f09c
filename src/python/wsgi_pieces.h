/* What a WSGI app returns: an iterable of pieces of the body. The GIL held, everywhere here. */
#ifndef TANDEM_PYTHON_WSGI_PIECES_H
#define TANDEM_PYTHON_WSGI_PIECES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

/* Whether it is bytes; else an exception is set. */
bool wsgi_check_piece(PyObject *piece);

/* The next piece that is not empty, a new reference; NULL at the end, or with an exception set. */
PyObject *wsgi_next_piece(PyObject *iterator);

/* Calls result.close(), where there is one; what it raises goes to the log. No exception is set before. */
void wsgi_close_result(PyObject *result);

#endif
