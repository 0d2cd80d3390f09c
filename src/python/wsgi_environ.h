/* The environ of a WSGI request (PEP 3333, "environ Variables"), made from what all have in common. */
#ifndef TANDEM_PYTHON_WSGI_ENVIRON_H
#define TANDEM_PYTHON_WSGI_ENVIRON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "core/model.h"
#include "core/request.h"

enum {
    ENVIRON_METHOD,
    ENVIRON_SCRIPT_NAME,
    ENVIRON_PATH_INFO,
    ENVIRON_QUERY,
    ENVIRON_PROTOCOL,
    ENVIRON_REMOTE_ADDR,
    ENVIRON_REMOTE_PORT,
    ENVIRON_SERVER_NAME,
    ENVIRON_SERVER_PORT,
    ENVIRON_RAW_URI, /* as sent; gunicorn's name for it */
    ENVIRON_INPUT,
    ENVIRON_KEYS,
    ENVIRON_NAMES = 128, /* of fields that are remembered */
    ENVIRON_NAME_BYTES = 39,
    ENVIRON_TEXT_BYTES = 48,
};

/* A field's name as sent, and the key that it has; NULL where it has none. */
struct environ_name {
    PyObject *key;
    uint8_t length; /* 0: none is remembered here */
    char name[ENVIRON_NAME_BYTES];
};

/* What the base has for a key, as it was sent. */
struct environ_text {
    bool known; /* and short enough to be here */
    uint8_t length;
    char text[ENVIRON_TEXT_BYTES];
};

/* One thread's. Used with the GIL of its interpreter held. */
struct environs {
    PyObject *base; /* a dict that has all keys, so that a copy of it need not grow for them, and the last texts */
    PyObject *keys[ENVIRON_KEYS];
    PyObject *empty;
    struct environ_text texts[ENVIRON_KEYS];
    struct environ_name names[ENVIRON_NAMES];
};

/* common: what is the same for all requests; borrowed. False: an exception is set, and environs_close is due. */
bool environs_open(struct environs *environs, PyObject *common);
void environs_close(struct environs *environs);

/* A new reference; NULL with an exception set. */
PyObject *environ_new(struct environs *environs, const struct request *request, PyObject *input);

#endif
