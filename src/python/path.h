/* Paths of requests, as str. */
#ifndef TANDEM_PYTHON_PATH_H
#define TANDEM_PYTHON_PATH_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* PyUnicode_DecodeLatin1, PyUnicode_DecodeUTF8. */
typedef PyObject *path_codec(const char *bytes, Py_ssize_t length, const char *errors);

/* The GIL held. The path, percent-decoded, and what the codec makes of those bytes; what it cannot it replaces. A new
 * reference; NULL with an exception set. */
PyObject *path_decode(const char *path, size_t length, path_codec *codec);

#endif
