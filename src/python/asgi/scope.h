/* The scope of an HTTP request, or of a websocket (ASGI 3, "HTTP Connection Scope", "WebSocket Connection Scope"). */
#ifndef TANDEM_PYTHON_ASGI_SCOPE_H
#define TANDEM_PYTHON_ASGI_SCOPE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "core/request.h"
#include "python/app/field_names.h"
#include "python/app/template.h"

enum {
    SCOPE_HTTP_VERSION,
    SCOPE_METHOD,
    SCOPE_PATH,
    SCOPE_RAW_PATH,
    SCOPE_QUERY,
    SCOPE_ROOT_PATH,
    SCOPE_HEADERS,
    SCOPE_CLIENT,
    SCOPE_SERVER,
    SCOPE_STATE,
    SCOPE_SUBPROTOCOLS, /* websockets only */
    SCOPE_KEYS,
    SCOPE_ADDRESSES = 256, /* slots for remembered addresses */
    SCOPE_DICTS = 4,
};

/* A value of base that is a dict: an app may change it, so each scope has its own copy. Both are references that base
 * holds. */
struct scope_dict {
    PyObject *key, *value;
    bool nested; /* there are dicts in it */
};

/* What the scopes of one kind have in common, and the last values of what changes. */
struct scope_template {
    PyObject *base;
    struct scope_dict dicts[SCOPE_DICTS];
    unsigned dict_count;
    struct template_text texts[SCOPE_KEYS];
};

/* An address, and its pair (host, port). Each connection has a client's port of its own, so that it changes with each
 * request. */
struct scope_address {
    PyObject *pair; /* NULL: the slot is empty */
    struct address address;
};

/* The data that the scopes of one event loop share. Used with the GIL held. */
struct scopes {
    struct scope_template http, websocket;
    PyObject *state; /* the dict of the app's lifespan; each scope has a copy */
    PyObject *keys[SCOPE_KEYS];
    struct field_names names; /* the names in lower case */
    struct scope_address addresses[SCOPE_ADDRESSES];
};

/* The struct is zeroed before; base and websocket_base, dicts of what is the same in every scope, and state are
 * borrowed. Each scope has a copy of the dicts in base, and of the dicts in those; of state, the dict alone. False: an
 * exception is set, and scopes_close is due. */
bool scopes_open(struct scopes *scopes, PyObject *base, PyObject *websocket_base, PyObject *state);
void scopes_close(struct scopes *scopes);

/* Returns the scope, a dict: a new reference; NULL with an exception set. */
PyObject *scope_new(struct scopes *scopes, const struct request *request, bool websocket);

#endif
