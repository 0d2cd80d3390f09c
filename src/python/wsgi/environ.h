/* Makes the environ of a WSGI request (PEP 3333, "environ Variables"), as a copy of a template. */
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
    ENVIRON_RAW_URI, /* the target as sent; gunicorn's name for it */
    ENVIRON_INPUT,
    ENVIRON_KEYS,
    ENVIRON_NAMES = 128, /* slots for remembered field names */
    ENVIRON_NAME_BYTES = 39,
    ENVIRON_TEXT_BYTES = 48,
};

/* A remembered field name as sent, and its key. The key is None if the name gets none (an underscore in it). */
struct environ_name {
    PyObject *key;
    uint8_t length; /* 0: the slot is empty, and key is NULL */
    char name[ENVIRON_NAME_BYTES];
};

/* The text, as sent, whose decoded value the template has for a key. */
struct environ_text {
    bool known; /* false if there is none, or if it is too long to be kept here */
    uint8_t length;
    char text[ENVIRON_TEXT_BYTES];
};

/* One thread's template and caches. Used only with the GIL of its interpreter held. */
struct environs {
    PyObject *base; /* the template: a dict of all keys, so that copies need not grow for them, and the last values */
    PyObject *keys[ENVIRON_KEYS];
    PyObject *empty;
    struct environ_text texts[ENVIRON_KEYS];
    struct environ_name names[ENVIRON_NAMES];
};

/* common: the dict of what all requests share; borrowed. False: an exception is set. The caller must call
 * environs_close in either case. */
bool environs_open(struct environs *environs, PyObject *common);
void environs_close(struct environs *environs);

/* Returns the request's environ, a new reference; NULL with an exception set. input, borrowed, becomes wsgi.input. */
PyObject *environ_new(struct environs *environs, const struct request *request, PyObject *input);

#endif
