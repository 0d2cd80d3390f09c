#include "python/asgi/scope.h"

#include <string.h>

#include "base/ascii.h"
#include "base/check.h"
#include "base/token.h"
#include "python/app/request_path.h"

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

static bool is_nested(PyObject *dict)
{
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);)
        if (PyDict_Check(value))
            return true;
    return false;
}

static void find_dicts(struct scope_template *template)
{
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(template->base, &at, &key, &value);)
        if (PyDict_Check(value)) {
            CHECK(template->dict_count < SCOPE_DICTS);
            template->dicts[template->dict_count++] = (struct scope_dict){key, value, is_nested(value)};
        }
}

/* Copies a dict, and the dicts in it. Returns a new reference; NULL with an exception set. */
static PyObject *copy_deeply(PyObject *dict)
{
    PyObject *copy = PyDict_Copy(dict), *key, *value;
    for (Py_ssize_t at = 0; copy && PyDict_Next(dict, &at, &key, &value);) {
        PyObject *inner = PyDict_Check(value) ? copy_deeply(value) : Py_NewRef(value);
        if (!inner || (inner != value && PyDict_SetItem(copy, key, inner)))
            Py_CLEAR(copy);
        Py_XDECREF(inner);
    }
    return copy;
}

/* Every key is there from the beginning, so that copies need not grow; middleware may add some of its own. */
static bool template_open(const struct scopes *scopes, struct scope_template *template, PyObject *base,
                          unsigned without)
{
    enum { KEYS_OF_AN_APP = 3 };
    template->base = PyDict_Copy(base);
    bool good = template->base != NULL;
    for (unsigned i = 0; i < SCOPE_KEYS && good; i++)
        good = i == without || PyDict_SetItem(template->base, scopes->keys[i], Py_None) == 0;
    if (!good || !template_make_room(template->base, KEYS_OF_AN_APP))
        return false;
    find_dicts(template);
    return true;
}

bool scopes_open(struct scopes *scopes, PyObject *base, PyObject *websocket_base, PyObject *state)
{
    bool good = true;
    scopes->state = Py_NewRef(state);
    for (unsigned i = 0; i < SCOPE_KEYS && good; i++) {
        scopes->keys[i] = PyUnicode_InternFromString(key_names[i]);
        good = scopes->keys[i] != NULL;
    }
    return good && template_open(scopes, &scopes->http, base, SCOPE_SUBPROTOCOLS) &&
           template_open(scopes, &scopes->websocket, websocket_base, SCOPE_METHOD);
}

void scopes_close(struct scopes *scopes)
{
    Py_CLEAR(scopes->http.base);
    Py_CLEAR(scopes->websocket.base);
    Py_CLEAR(scopes->state);
    for (unsigned i = 0; i < SCOPE_KEYS; i++)
        Py_CLEAR(scopes->keys[i]);
    field_names_close(&scopes->names);
    for (unsigned i = 0; i < SCOPE_ADDRESSES; i++)
        Py_CLEAR(scopes->addresses[i].pair);
}

/* Steals value, which may be NULL with an exception set. */
static bool put(const struct scopes *scopes, PyObject *scope, unsigned key, PyObject *value)
{
    bool good = value && PyDict_SetItem(scope, scopes->keys[key], value) == 0;
    Py_XDECREF(value);
    return good;
}

/* Like uvicorn, decodes the path as UTF-8, with the replacement character for bytes that are not. */
static PyObject *decode_path(const char *path, size_t length)
{
    return request_path_decode(path, length, PyUnicode_DecodeUTF8);
}

static bool put_text(const struct scopes *scopes, struct scope_template *template, unsigned key, const char *text,
                     size_t length, PyObject *(*decode)(const char *text, size_t length))
{
    return template_put_text(template->base, scopes->keys[key], &template->texts[key], text, length, decode);
}

static bool put_texts(const struct scopes *scopes, struct scope_template *template, const struct request *request)
{
    const char *path = request->target, *query = request_query(request);
    const char *version = request->minor_version ? "1.1" : "1.0";
    size_t path_bytes = request_path_bytes(request);
    return put_text(scopes, template, SCOPE_HTTP_VERSION, version, strlen(version), template_latin_1) &&
           put_text(scopes, template, SCOPE_PATH, path, path_bytes, decode_path) &&
           put_text(scopes, template, SCOPE_RAW_PATH, path, path_bytes, template_bytes) &&
           put_text(scopes, template, SCOPE_QUERY, query, strlen(query), template_bytes) &&
           put_text(scopes, template, SCOPE_ROOT_PATH, path, request->mount_bytes, template_latin_1);
}

/* Makes the pair (host, port), or takes that of the last request with the same address. */
static bool put_address(struct scopes *scopes, const struct scope_template *template, unsigned key,
                        const struct address *address)
{
    struct scope_address *known = &scopes->addresses[address->port % SCOPE_ADDRESSES];
    if (!known->pair || known->address.port != address->port || strcmp(known->address.host, address->host) != 0) {
        PyObject *pair = Py_BuildValue("(si)", address->host, (int)address->port);
        if (!pair)
            return false;
        Py_XSETREF(known->pair, pair);
        known->address = *address;
    }
    return PyDict_SetItem(template->base, scopes->keys[key], known->pair) == 0;
}

static PyObject *lower_name(const char *name, size_t length)
{
    PyObject *lower = PyBytes_FromStringAndSize(name, (Py_ssize_t)length);
    for (size_t i = 0; lower && i < length; i++)
        PyBytes_AS_STRING(lower)[i] = ascii_lower(name[i]);
    return lower;
}

static PyObject *header(struct scopes *scopes, const struct field *field)
{
    PyObject *name = field_names_get(&scopes->names, field->name, field->name_bytes, lower_name);
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

static bool put_dicts(const struct scope_template *template, PyObject *scope)
{
    for (unsigned i = 0; i < template->dict_count; i++) {
        const struct scope_dict *dict = &template->dicts[i];
        PyObject *copy = dict->nested ? copy_deeply(dict->value) : PyDict_Copy(dict->value);
        bool good = copy && PyDict_SetItem(scope, dict->key, copy) == 0;
        Py_XDECREF(copy);
        if (!good)
            return false;
    }
    return true;
}

PyObject *scope_new(struct scopes *scopes, const struct request *request, bool websocket)
{
    struct scope_template *template = websocket ? &scopes->websocket : &scopes->http;
    const char *method = request->method;
    if (!put_texts(scopes, template, request) ||
        (!websocket && !put_text(scopes, template, SCOPE_METHOD, method, strlen(method), template_latin_1)) ||
        !put_address(scopes, template, SCOPE_CLIENT, &request->peer) ||
        !put_address(scopes, template, SCOPE_SERVER, &request->local))
        return NULL;
    PyObject *scope = PyDict_Copy(template->base);
    if (scope && put_dicts(template, scope) && put(scopes, scope, SCOPE_HEADERS, headers(scopes, request)) &&
        put(scopes, scope, SCOPE_STATE, PyDict_Copy(scopes->state)) &&
        (!websocket || put(scopes, scope, SCOPE_SUBPROTOCOLS, subprotocols(request))))
        return scope;
    Py_XDECREF(scope);
    return NULL;
}
