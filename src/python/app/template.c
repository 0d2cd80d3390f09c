#include "python/app/template.h"

#include <string.h>

#include "base/check.h"

/* A dict grows when it is two thirds full, and a copy is as large as its original (Objects/dictobject.c). A template
 * that is full would thus make each copy grow at its first further key. Entries that were deleted keep their room. */
bool template_make_room(PyObject *dict, unsigned count)
{
    static const char *const names[] = {" 1", " 2", " 3", " 4", " 5", " 6", " 7", " 8"}; /* no key has a space */
    bool good = true;
    CHECK(count <= sizeof names / sizeof names[0]);
    for (unsigned i = 0; i < count && good; i++)
        good = PyDict_SetItemString(dict, names[i], Py_None) == 0;
    for (unsigned i = 0; i < count && good; i++)
        good = PyDict_DelItemString(dict, names[i]) == 0;
    return good;
}

bool template_put_text(PyObject *dict, PyObject *key, struct template_text *last, const char *text, size_t length,
                       PyObject *(*decode)(const char *text, size_t length))
{
    if (last->known && last->length == length && memcmp(last->text, text, length) == 0)
        return true;
    last->known = false;
    PyObject *value = decode(text, length);
    bool good = value && PyDict_SetItem(dict, key, value) == 0;
    Py_XDECREF(value);
    if (good && length <= sizeof last->text) {
        memcpy(last->text, text, length);
        last->length = (uint8_t)length;
        last->known = true;
    }
    return good;
}

PyObject *template_latin_1(const char *text, size_t length)
{
    return PyUnicode_DecodeLatin1(text, (Py_ssize_t)length, NULL);
}

PyObject *template_bytes(const char *text, size_t length)
{
    return PyBytes_FromStringAndSize(text, (Py_ssize_t)length);
}
