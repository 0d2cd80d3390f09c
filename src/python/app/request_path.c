#include "python/app/request_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/percent.h"

enum { INLINE_BYTES = 512 };

PyObject *request_path_decode(const char *path, size_t length, request_path_codec *codec)
{
    char room[INLINE_BYTES];
    if (!memchr(path, '%', length))
        return codec(path, (Py_ssize_t)length, "replace");
    char *decoded = length < sizeof room ? room : malloc(length + 1);
    PyObject *made = NULL;
    if (!decoded)
        PyErr_NoMemory();
    else if (percent_decode(path, length, false, decoded, length + 1))
        made = codec(decoded, (Py_ssize_t)strlen(decoded), "replace");
    else
        PyErr_SetString(PyExc_ValueError, "the path cannot be decoded");
    if (decoded != room)
        free(decoded);
    return made;
}
