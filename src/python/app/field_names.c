#include "python/app/field_names.h"

#include <string.h>

PyObject *field_names_get(struct field_names *names, const char *name, size_t length,
                          PyObject *(*make)(const char *name, size_t length))
{
    if (length > FIELD_NAME_BYTES)
        return make(name, length);
    unsigned hash = (unsigned)length;
    for (size_t i = 0; i < length; i++)
        hash = hash * 31 + (unsigned char)name[i];
    struct field_name *known = &names->slots[hash % FIELD_NAMES];
    if (known->length != length || memcmp(known->name, name, length) != 0) {
        PyObject *key = make(name, length);
        if (!key)
            return NULL;
        Py_XSETREF(known->key, key);
        known->length = (uint8_t)length;
        memcpy(known->name, name, length);
    }
    return Py_NewRef(known->key);
}

void field_names_close(struct field_names *names)
{
    for (unsigned i = 0; i < FIELD_NAMES; i++)
        Py_CLEAR(names->slots[i].key);
}
