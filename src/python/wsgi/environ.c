#include "python/wsgi/environ.h"

#include <string.h>

#include "base/ascii.h"
#include "base/format.h"
#include "python/app/request_path.h"

enum { CLIENT_FIELDS = 3 }; /* that a copy of the template has room for */

static const char *const key_names[ENVIRON_KEYS] = {
    [ENVIRON_METHOD] = "REQUEST_METHOD",    [ENVIRON_SCRIPT_NAME] = "SCRIPT_NAME",
    [ENVIRON_PATH_INFO] = "PATH_INFO",      [ENVIRON_QUERY] = "QUERY_STRING",
    [ENVIRON_PROTOCOL] = "SERVER_PROTOCOL", [ENVIRON_REMOTE_ADDR] = "REMOTE_ADDR",
    [ENVIRON_REMOTE_PORT] = "REMOTE_PORT",  [ENVIRON_SERVER_NAME] = "SERVER_NAME",
    [ENVIRON_SERVER_PORT] = "SERVER_PORT",  [ENVIRON_RAW_URI] = "RAW_URI",
    [ENVIRON_INPUT] = "wsgi.input",
};

bool environs_open(struct environs *environs, PyObject *common)
{
    environs->base = PyDict_Copy(common);
    bool good = environs->base != NULL;
    for (unsigned i = 0; i < ENVIRON_KEYS && good; i++) {
        environs->keys[i] = PyUnicode_InternFromString(key_names[i]);
        good = environs->keys[i] && PyDict_SetItem(environs->base, environs->keys[i], Py_None) == 0;
    }
    return good && template_make_room(environs->base, CLIENT_FIELDS);
}

void environs_close(struct environs *environs)
{
    Py_CLEAR(environs->base);
    for (unsigned i = 0; i < ENVIRON_KEYS; i++)
        Py_CLEAR(environs->keys[i]);
    field_names_close(&environs->names);
    for (unsigned i = 0; i < ENVIRON_PORTS; i++)
        Py_CLEAR(environs->ports[i].text);
}

/* Steals value, which may be NULL if an exception is set. False: an exception is set. */
static bool put(PyObject *environ, PyObject *key, PyObject *value)
{
    bool good = value && PyDict_SetItem(environ, key, value) == 0;
    Py_XDECREF(value);
    return good;
}

/* Percent-decodes the path; each byte becomes one character (PEP 3333, "Unicode Issues"). */
static PyObject *decode_path(const char *path, size_t length)
{
    return request_path_decode(path, length, PyUnicode_DecodeLatin1);
}

static bool put_text(struct environs *environs, unsigned key, const char *text, size_t length,
                     PyObject *(*decode)(const char *text, size_t length))
{
    return template_put_text(environs->base, environs->keys[key], &environs->texts[key], text, length, decode);
}

static bool put_latin_1(struct environs *environs, unsigned key, const char *text)
{
    return put_text(environs, key, text, strlen(text), template_latin_1);
}

/* Returns the port's digits, borrowed; NULL with an exception set. */
static PyObject *port_text(struct environs *environs, uint16_t port)
{
    struct environ_port *known = &environs->ports[port % ENVIRON_PORTS];
    if (known->text && known->port == port)
        return known->text;
    char digits[FORMAT_DIGITS_MAX];
    PyObject *text = template_latin_1(digits, format_digits(digits, port));
    if (!text)
        return NULL;
    Py_XSETREF(known->text, text);
    known->port = port;
    return text;
}

static bool put_port(struct environs *environs, unsigned key, uint16_t port)
{
    PyObject *text = port_text(environs, port);
    return text && PyDict_SetItem(environs->base, environs->keys[key], text) == 0;
}

static bool put_texts(struct environs *environs, const struct request *request)
{
    const char *path = request->target + request->mount_bytes;
    size_t path_bytes = request_path_bytes(request) - request->mount_bytes;
    return put_latin_1(environs, ENVIRON_METHOD, request->method) &&
           put_text(environs, ENVIRON_SCRIPT_NAME, request->target, request->mount_bytes, template_latin_1) &&
           put_text(environs, ENVIRON_PATH_INFO, path, path_bytes, decode_path) &&
           put_latin_1(environs, ENVIRON_QUERY, request_query(request)) &&
           put_latin_1(environs, ENVIRON_RAW_URI, request->target) &&
           put_latin_1(environs, ENVIRON_PROTOCOL, request->minor_version ? "HTTP/1.1" : "HTTP/1.0") &&
           put_latin_1(environs, ENVIRON_REMOTE_ADDR, request->peer.host) &&
           put_port(environs, ENVIRON_REMOTE_PORT, request->peer.port) &&
           put_latin_1(environs, ENVIRON_SERVER_NAME, request->local.host) &&
           put_port(environs, ENVIRON_SERVER_PORT, request->local.port);
}

/* Returns a field name's key, a new reference: HTTP_ACCEPT for Accept. None for a name with an underscore, whose key
 * would equal that of the same name with a hyphen. NULL with an exception set. */
static PyObject *make_key(const char *name, size_t length)
{
    static const char prefix[5] = "HTTP_";
    if (memchr(name, '_', length))
        return Py_NewRef(Py_None);
    bool bare = ascii_equals(name, length, "content-type") || ascii_equals(name, length, "content-length");
    size_t before = bare ? 0 : sizeof prefix;
    PyObject *key = PyUnicode_New((Py_ssize_t)(before + length), 127); /* a token is ASCII */
    if (!key)
        return NULL;
    char *out = PyUnicode_DATA(key);
    memcpy(out, prefix, before);
    for (size_t i = 0; i < length; i++)
        out[before + i] = (char)(name[i] == '-' ? '_' : ascii_upper(name[i]));
    return key; /* not interned: interned strings live forever, and clients choose the names */
}

/* Joins the values of fields of one name into one list (RFC 9110, 5.3). Cookies have a separator of their own
 * (RFC 6265, 5.4). */
static bool join(PyObject *environ, PyObject *key, PyObject *before, PyObject *value)
{
    const char *separator = PyUnicode_CompareWithASCIIString(key, "HTTP_COOKIE") == 0 ? "; " : ",";
    return put(environ, key, PyUnicode_FromFormat("%U%s%U", before, separator, value));
}

static bool put_field(struct environs *environs, PyObject *environ, const struct field *field)
{
    PyObject *key = field_names_get(&environs->names, field->name, field->name_bytes, make_key);
    PyObject *value = key ? PyUnicode_DecodeLatin1(field->value, (Py_ssize_t)field->value_bytes, NULL) : NULL;
    bool good = value != NULL;
    if (good && key != Py_None) {
        Py_ssize_t keys = PyDict_GET_SIZE(environ);
        PyObject *there = PyDict_SetDefault(environ, key, value); /* an equal value may be the same object */
        good = there && (PyDict_GET_SIZE(environ) > keys || join(environ, key, there, value));
    }
    Py_XDECREF(value);
    Py_XDECREF(key);
    return good;
}

static bool put_fields(struct environs *environs, PyObject *environ, const struct request *request)
{
    struct field field;
    for (size_t at = request->fields_at; request_next_field(request, &at, &field);)
        if (!put_field(environs, environ, &field))
            return false;
    return true;
}

PyObject *environ_new(struct environs *environs, const struct request *request, PyObject *input)
{
    PyObject *environ = put_texts(environs, request) ? PyDict_Copy(environs->base) : NULL;
    if (environ && PyDict_SetItem(environ, environs->keys[ENVIRON_INPUT], input) == 0 &&
        put_fields(environs, environ, request))
        return environ;
    Py_XDECREF(environ);
    return NULL;
}
