/* The names of header fields as an app sees them, remembered by the names as sent. All functions run with the GIL held.
 */
#ifndef TANDEM_PYTHON_APP_FIELD_NAMES_H
#define TANDEM_PYTHON_APP_FIELD_NAMES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

enum {
    FIELD_NAMES = 128, /* slots */
    FIELD_NAME_BYTES = 39,
};

struct field_name {
    PyObject *key;
    uint8_t length; /* 0: the slot is empty, and key is NULL */
    char name[FIELD_NAME_BYTES];
};

/* Zeroed memory remembers nothing. */
struct field_names {
    struct field_name slots[FIELD_NAMES];
};

/* Returns what make returns for the name: a new reference, or NULL with an exception set. Remembers it if the name is
 * short, until another name takes its slot. */
PyObject *field_names_get(struct field_names *names, const char *name, size_t length,
                          PyObject *(*make)(const char *name, size_t length));

void field_names_close(struct field_names *names);

#endif
