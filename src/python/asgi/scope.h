/* The scope of an HTTP request, or of a websocket (ASGI 3, "HTTP Connection Scope", "WebSocket Connection Scope"). */
#ifndef TANDEM_PYTHON_ASGI_SCOPE_H
#define TANDEM_PYTHON_ASGI_SCOPE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "core/request.h"

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
};

/* The data that the scopes of one event loop share. Used with the GIL held. */
struct scopes {
    PyObject *base;           /* a dict: the keys that are the same in every HTTP scope */
    PyObject *websocket_base; /* the same for websockets */
    PyObject *state;          /* the dict of the app's lifespan; each scope has a copy */
    PyObject *keys[SCOPE_KEYS];
    PyObject *names; /* a dict: from a header's name as sent to the name in lower case */
    PyObject *http_1_0, *http_1_1;
};

/* The struct is zeroed before; base, websocket_base and state are borrowed. False: an exception is set, and
 * scopes_close is due. */
bool scopes_open(struct scopes *scopes, PyObject *base, PyObject *websocket_base, PyObject *state);
void scopes_close(struct scopes *scopes);

/* Returns the scope, a dict: a new reference; NULL with an exception set. */
PyObject *scope_new(struct scopes *scopes, const struct request *request, bool websocket);

#endif
