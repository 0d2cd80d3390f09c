/* Decodes the paths of requests into str. */
#ifndef TANDEM_PYTHON_APP_REQUEST_PATH_H
#define TANDEM_PYTHON_APP_REQUEST_PATH_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* PyUnicode_DecodeLatin1 or PyUnicode_DecodeUTF8. */
typedef PyObject *request_path_codec(const char *bytes, Py_ssize_t length, const char *errors);

/* The GIL held. Percent-decodes the path, then decodes the bytes with the codec, which replaces what it cannot decode.
 * Returns a new reference; NULL with an exception set, ValueError if an escape is broken. */
PyObject *request_path_decode(const char *path, size_t length, request_path_codec *codec);

#endif
