/* Makes the environ of a WSGI request (PEP 3333, "environ Variables"), as a copy of a template. */
#ifndef TANDEM_PYTHON_WSGI_ENVIRON_H
#define TANDEM_PYTHON_WSGI_ENVIRON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "core/model.h"
#include "core/request.h"
#include "python/app/field_names.h"
#include "python/app/template.h"

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
    ENVIRON_PORTS = 256, /* slots for remembered ports */
};

/* A port, and its digits as a str. Each connection has a client's port of its own, so that it changes with each
 * request. */
struct environ_port {
    PyObject *text; /* NULL: the slot is empty */
    uint16_t port;
};

/* One thread's template and caches. Used only with the GIL of its interpreter held. */
struct environs {
    PyObject *base; /* the template: a dict of all keys, so that copies need not grow for them, and the last values */
    PyObject *keys[ENVIRON_KEYS];
    struct template_text texts[ENVIRON_KEYS];
    struct field_names names; /* the key of a name with an underscore is None: it gets none */
    struct environ_port ports[ENVIRON_PORTS];
};

/* common: the dict of what all requests share; borrowed. False: an exception is set. The caller must call
 * environs_close in either case. */
bool environs_open(struct environs *environs, PyObject *common);
void environs_close(struct environs *environs);

/* Returns the request's environ, a new reference; NULL with an exception set. input, borrowed, becomes wsgi.input. */
PyObject *environ_new(struct environs *environs, const struct request *request, PyObject *input);

#endif
