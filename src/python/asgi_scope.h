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
    SCOPE_SUBPROTOCOLS, /* of a websocket */
    SCOPE_KEYS,
};

/* One event loop's. Used with the GIL held. */
struct scopes {
    PyObject *base; /* a dict: what all have in common */
    PyObject *websocket_base;
    PyObject *state; /* a dict of the app's lifespan; each request has a copy */
    PyObject *keys[SCOPE_KEYS];
    PyObject *names; /* a dict: a header's name as sent → in lower case */
    PyObject *http_1_0, *http_1_1;
};

/* base, websocket_base, state: borrowed. False: an exception is set, and scopes_close is due. */
bool scopes_open(struct scopes *scopes, PyObject *base, PyObject *websocket_base, PyObject *state);
void scopes_close(struct scopes *scopes);

/* A new reference; NULL with an exception set. */
PyObject *scope_new(struct scopes *scopes, const struct request *request, bool websocket);

#endif
