#include "python/wsgi/environ.h"

#include <string.h>

#include "base/ascii.h"
#include "base/format.h"
#include "python/app/request_path.h"

static const char *const key_names[ENVIRON_KEYS] = {
    [ENVIRON_METHOD] = "REQUEST_METHOD",    [ENVIRON_SCRIPT_NAME] = "SCRIPT_NAME",
    [ENVIRON_PATH_INFO] = "PATH_INFO",      [ENVIRON_QUERY] = "QUERY_STRING",
    [ENVIRON_PROTOCOL] = "SERVER_PROTOCOL", [ENVIRON_REMOTE_ADDR] = "REMOTE_ADDR",
    [ENVIRON_REMOTE_PORT] = "REMOTE_PORT",  [ENVIRON_SERVER_NAME] = "SERVER_NAME",
    [ENVIRON_SERVER_PORT] = "SERVER_PORT",  [ENVIRON_RAW_URI] = "RAW_URI",
    [ENVIRON_INPUT] = "wsgi.input",
};

/* Makes room for the client's fields. A dict grows when it is two thirds full, and a copy is as large as its original
 * (Objects/dictobject.c). With its own keys alone the base would be full, and every copy would grow at its first field.
 * Entries that were deleted keep their room. */
static bool make_room(PyObject *base, PyObject *value)
{
    static const char *const names[] = {" 1", " 2", " 3"}; /* no field has a space in its name */
    bool good = true;
    for (unsigned i = 0; i < sizeof names / sizeof names[0] && good; i++)
        good = PyDict_SetItemString(base, names[i], value) == 0;
    for (unsigned i = 0; i < sizeof names / sizeof names[0] && good; i++)
        good = PyDict_DelItemString(base, names[i]) == 0;
    return good;
}

bool environs_open(struct environs *environs, PyObject *common)
{
    environs->base = PyDict_Copy(common);
    environs->empty = PyUnicode_FromString("");
    bool good = environs->base && environs->empty;
    for (unsigned i = 0; i < ENVIRON_KEYS && good; i++) {
        environs->keys[i] = PyUnicode_InternFromString(key_names[i]);
        good = environs->keys[i] && PyDict_SetItem(environs->base, environs->keys[i], environs->empty) == 0;
    }
    return good && make_room(environs->base, environs->empty);
}

void environs_close(struct environs *environs)
{
    Py_CLEAR(environs->base);
    Py_CLEAR(environs->empty);
    for (unsigned i = 0; i < ENVIRON_KEYS; i++)
        Py_CLEAR(environs->keys[i]);
    for (unsigned i = 0; i < ENVIRON_NAMES; i++)
        Py_CLEAR(environs->names[i].key);
}

/* Steals value, which may be NULL if an exception is set. False: an exception is set. */
static bool put(PyObject *environ, PyObject *key, PyObject *value)
{
    bool good = value && PyDict_SetItem(environ, key, value) == 0;
    Py_XDECREF(value);
    return good;
}

static PyObject *decode_latin_1(const char *text, size_t length)
{
    return PyUnicode_DecodeLatin1(text, (Py_ssize_t)length, NULL);
}

/* Percent-decodes the path; each byte becomes one character (PEP 3333, "Unicode Issues"). */
static PyObject *decode_path(const char *path, size_t length)
{
    return request_path_decode(path, length, PyUnicode_DecodeLatin1);
}

/* Puts the text into the template, unless its value is still there from the last request. Each environ inherits it when
 * the template is copied. */
static bool put_text(struct environs *environs, unsigned key, const char *text, size_t length,
                     PyObject *(*decode)(const char *text, size_t length))
{
    struct environ_text *last = &environs->texts[key];
    if (last->known && last->length == length && memcmp(last->text, text, length) == 0)
        return true;
    last->known = false;
    if (!put(environs->base, environs->keys[key], length ? decode(text, length) : Py_NewRef(environs->empty)))
        return false;
    if (length <= sizeof last->text) {
        memcpy(last->text, text, length);
        last->length = (uint8_t)length;
        last->known = true;
    }
    return true;
}

static bool put_latin_1(struct environs *environs, unsigned key, const char *text)
{
    return put_text(environs, key, text, strlen(text), decode_latin_1);
}

static bool put_port(struct environs *environs, unsigned key, uint16_t port)
{
    char digits[FORMAT_DIGITS_MAX];
    size_t length = format_digits(digits, port);
    return put_text(environs, key, digits, length, decode_latin_1);
}

static bool put_texts(struct environs *environs, const struct request *request)
{
    const char *path = request->target + request->mount_bytes;
    size_t path_bytes = request_path_bytes(request) - request->mount_bytes;
    return put_latin_1(environs, ENVIRON_METHOD, request->method) &&
           put_text(environs, ENVIRON_SCRIPT_NAME, request->target, request->mount_bytes, decode_latin_1) &&
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

/* Returns the same as make_key, but remembers the keys of short names. */
static PyObject *key_of(struct environs *environs, const char *name, size_t length)
{
    if (length > ENVIRON_NAME_BYTES)
        return make_key(name, length);
    unsigned hash = (unsigned)length;
    for (size_t i = 0; i < length; i++)
        hash = hash * 31 + (unsigned char)name[i];
    struct environ_name *known = &environs->names[hash % ENVIRON_NAMES];
    if (known->length != length || memcmp(known->name, name, length) != 0) {
        PyObject *key = make_key(name, length);
        if (!key)
            return NULL;
        Py_XSETREF(known->key, key);
        known->length = (uint8_t)length;
        memcpy(known->name, name, length);
    }
    return Py_NewRef(known->key);
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
    PyObject *key = key_of(environs, field->name, field->name_bytes);
    PyObject *value = key ? PyUnicode_DecodeLatin1(field->value, (Py_ssize_t)field->value_bytes, NULL) : NULL;
    bool good = value != NULL;
    if (good && key != Py_None) {
        PyObject *there = PyDict_SetDefault(environ, key, value);
        good = there == value || (there && join(environ, key, there, value));
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
