#include "python/asgi/scope.h"

#include "base/ascii.h"
#include "base/token.h"
#include "python/app/request_path.h"

enum { NAMES_MAX = 512 };

static const char *const key_names[SCOPE_KEYS] = {
    [SCOPE_HTTP_VERSION] = "http_version",
    [SCOPE_METHOD] = "method",
    [SCOPE_PATH] = "path",
    [SCOPE_RAW_PATH] = "raw_path",
    [SCOPE_QUERY] = "query_string",
    [SCOPE_ROOT_PATH] = "root_path",
    [SCOPE_HEADERS] = "headers",
    [SCOPE_CLIENT] = "client",
    [SCOPE_SERVER] = "server",
    [SCOPE_STATE] = "state",
    [SCOPE_SUBPROTOCOLS] = "subprotocols",
};

bool scopes_open(struct scopes *scopes, PyObject *base, PyObject *websocket_base, PyObject *state)
{
    scopes->base = Py_NewRef(base);
    scopes->websocket_base = Py_NewRef(websocket_base);
    scopes->state = Py_NewRef(state);
    scopes->names = PyDict_New();
    scopes->http_1_0 = PyUnicode_InternFromString("1.0");
    scopes->http_1_1 = PyUnicode_InternFromString("1.1");
    bool good = scopes->names && scopes->http_1_0 && scopes->http_1_1;
    for (unsigned i = 0; i < SCOPE_KEYS && good; i++) {
        scopes->keys[i] = PyUnicode_InternFromString(key_names[i]);
        good = scopes->keys[i] != NULL;
    }
    return good;
}

void scopes_close(struct scopes *scopes)
{
    Py_CLEAR(scopes->base);
    Py_CLEAR(scopes->websocket_base);
    Py_CLEAR(scopes->state);
    Py_CLEAR(scopes->names);
    Py_CLEAR(scopes->http_1_0);
    Py_CLEAR(scopes->http_1_1);
    for (unsigned i = 0; i < SCOPE_KEYS; i++)
        Py_CLEAR(scopes->keys[i]);
}

/* Steals value, which may be NULL with an exception set. */
static bool put(const struct scopes *scopes, PyObject *scope, unsigned key, PyObject *value)
{
    bool good = value && PyDict_SetItem(scope, scopes->keys[key], value) == 0;
    Py_XDECREF(value);
    return good;
}

/* Like uvicorn, decodes the path as UTF-8, with the replacement character for bytes that are not. */
static bool put_target(const struct scopes *scopes, PyObject *scope, const struct request *request)
{
    const char *path = request->target;
    size_t path_bytes = request_path_bytes(request);
    return put(scopes, scope, SCOPE_PATH, request_path_decode(path, path_bytes, PyUnicode_DecodeUTF8)) &&
           put(scopes, scope, SCOPE_RAW_PATH, PyBytes_FromStringAndSize(path, (Py_ssize_t)path_bytes)) &&
           put(scopes, scope, SCOPE_QUERY, PyBytes_FromString(request_query(request))) &&
           put(scopes, scope, SCOPE_ROOT_PATH, PyUnicode_DecodeLatin1(path, (Py_ssize_t)request->mount_bytes, NULL));
}

/* Returns the name in lower case, a new reference; NULL with an exception set. Caches up to NAMES_MAX names. */
static PyObject *lower_name(struct scopes *scopes, const char *name, size_t length)
{
    PyObject *sent = PyBytes_FromStringAndSize(name, (Py_ssize_t)length);
    if (!sent)
        return NULL;
    PyObject *known = PyDict_GetItemWithError(scopes->names, sent);
    if (known || PyErr_Occurred()) {
        Py_DECREF(sent);
        return Py_XNewRef(known);
    }
    PyObject *lower = PyBytes_FromStringAndSize(name, (Py_ssize_t)length);
    for (size_t i = 0; lower && i < length; i++)
        PyBytes_AS_STRING(lower)[i] = ascii_lower(name[i]);
    bool good =
        lower && (PyDict_GET_SIZE(scopes->names) >= NAMES_MAX || PyDict_SetItem(scopes->names, sent, lower) == 0);
    Py_DECREF(sent);
    if (!good)
        Py_CLEAR(lower);
    return lower;
}

static PyObject *header(struct scopes *scopes, const struct field *field)
{
    PyObject *name = lower_name(scopes, field->name, field->name_bytes);
    PyObject *value = name ? PyBytes_FromStringAndSize(field->value, (Py_ssize_t)field->value_bytes) : NULL;
    PyObject *pair = value ? PyTuple_Pack(2, name, value) : NULL;
    Py_XDECREF(value);
    Py_XDECREF(name);
    return pair;
}

static PyObject *headers(struct scopes *scopes, const struct request *request)
{
    PyObject *list = PyList_New(0);
    struct field field;
    for (size_t at = request->fields_at; list && request_next_field(request, &at, &field);) {
        PyObject *pair = header(scopes, &field);
        if (!pair || PyList_Append(list, pair))
            Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    return list;
}

static PyObject *address(const struct address *address)
{
    return Py_BuildValue("(si)", address->host, (int)address->port);
}

/* Appends the subprotocols of one field, a list of tokens (RFC 6455, 11.3.4). False: an exception is set. */
static bool add_subprotocols(PyObject *list, const struct field *field)
{
    const char *at = field->value, *end = at + field->value_bytes;
    while (at < end) {
        size_t token = token_length(at, (size_t)(end - at));
        PyObject *name = token ? PyUnicode_DecodeLatin1(at, (Py_ssize_t)token, NULL) : NULL;
        if (token && (!name || PyList_Append(list, name))) {
            Py_XDECREF(name);
            return false;
        }
        Py_XDECREF(name);
        at += token ? token : 1;
    }
    return true;
}

static PyObject *subprotocols(const struct request *request)
{
    PyObject *list = PyList_New(0);
    struct field field;
    for (size_t at = request->fields_at;
         list && request_next_field_named(request, "sec-websocket-protocol", &at, &field);)
        if (!add_subprotocols(list, &field))
            Py_CLEAR(list);
    return list;
}

/* Adds the key that only one kind of scope has. */
static bool put_kind(const struct scopes *scopes, PyObject *scope, const struct request *request, bool websocket)
{
    return websocket ? put(scopes, scope, SCOPE_SUBPROTOCOLS, subprotocols(request))
                     : put(scopes, scope, SCOPE_METHOD, PyUnicode_FromString(request->method));
}

PyObject *scope_new(struct scopes *scopes, const struct request *request, bool websocket)
{
    PyObject *scope = PyDict_Copy(websocket ? scopes->websocket_base : scopes->base);
    PyObject *version = request->minor_version ? scopes->http_1_1 : scopes->http_1_0;
    if (scope && put(scopes, scope, SCOPE_HTTP_VERSION, Py_NewRef(version)) &&
        put_kind(scopes, scope, request, websocket) && put_target(scopes, scope, request) &&
        put(scopes, scope, SCOPE_HEADERS, headers(scopes, request)) &&
        put(scopes, scope, SCOPE_CLIENT, address(&request->peer)) &&
        put(scopes, scope, SCOPE_SERVER, address(&request->local)) &&
        put(scopes, scope, SCOPE_STATE, PyDict_Copy(scopes->state)))
        return scope;
    Py_XDECREF(scope);
    return NULL;
}
