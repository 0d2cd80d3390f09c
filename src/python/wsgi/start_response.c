#include "python/wsgi/start_response.h"

#include <string.h>

static bool fail_with(PyObject *type, const char *text)
{
    PyErr_SetString(type, text);
    return false;
}

/* Parses "404 Not Found". The status must be a final one, 200 to 599. The reason is ignored: each status goes
 * out with its usual one. False: an exception is set. */
static bool read_status(struct wsgi_response *response, PyObject *status)
{
    if (!PyUnicode_Check(status))
        return fail_with(PyExc_TypeError, "start_response: the status is a str");
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(status, &length);
    if (!text)
        return false;
    if (length < 3 || strspn(text, "0123456789") != 3 || (length > 3 && text[3] != ' ') || text[0] < '2' ||
        text[0] > '5') {
        PyErr_Format(PyExc_ValueError, "start_response: %R is not a status from 200 to 599 and a reason", status);
        return false;
    }
    response->head.status = (unsigned)((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
    return true;
}

/* Returns the bytes of a latin-1 str, borrowed; NULL with an exception set. */
static const char *latin_1(PyObject *text, size_t *length)
{
    if (!PyUnicode_Check(text)) {
        fail_with(PyExc_TypeError, "start_response: the names and values of headers are str");
        return NULL;
    }
    if (PyUnicode_KIND(text) != PyUnicode_1BYTE_KIND) {
        PyErr_Format(PyExc_ValueError, "start_response: the header %R is not latin-1", text);
        return NULL;
    }
    *length = (size_t)PyUnicode_GET_LENGTH(text);
    return (const char *)PyUnicode_1BYTE_DATA(text);
}

static bool read_header(struct wsgi_response *response, PyObject *header)
{
    size_t name_bytes, value_bytes;
    if (!PyTuple_Check(header) || PyTuple_GET_SIZE(header) != 2)
        return fail_with(PyExc_TypeError, "start_response: the headers are a list of (name, value)");
    const char *name = latin_1(PyTuple_GET_ITEM(header, 0), &name_bytes);
    const char *value = name ? latin_1(PyTuple_GET_ITEM(header, 1), &value_bytes) : NULL;
    if (!value)
        return false;
    return response_head_add(&response->head, name, name_bytes, value, value_bytes, header);
}

/* Decides if start_response may be called now. A second call needs exc_info: it reports an error. It replaces the first
 * call's head; if the body has begun or the reply is the loop's, it raises the error instead. False: an exception is
 * set. */
static bool allow_call(struct wsgi_response *response, PyObject *exc_info)
{
    bool over = !response->request && !response->pipe;
    if (!exc_info || exc_info == Py_None) {
        if (over)
            return fail_with(PyExc_RuntimeError, "start_response: the request is over");
        return response->head.status == 0 ||
               fail_with(PyExc_RuntimeError, "start_response was called twice without exc_info");
    }
    if (!PyTuple_Check(exc_info) || PyTuple_GET_SIZE(exc_info) != 3)
        return fail_with(PyExc_TypeError, "start_response: exc_info is what sys.exc_info() returns");
    if (response->begun || over) {
        PyObject *exception = PyTuple_GET_ITEM(exc_info, 1);
        if (!PyExceptionInstance_Check(exception))
            return fail_with(PyExc_TypeError, "start_response: exc_info has no exception");
        PyErr_SetRaisedException(Py_NewRef(exception));
        return false;
    }
    response_head_clear(&response->head);
    return true;
}

static bool read_headers(struct wsgi_response *response, PyObject *headers)
{
    if (!PyList_Check(headers))
        return fail_with(PyExc_TypeError, "start_response: the headers are a list of (name, value)");
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(headers); i++)
        if (!read_header(response, PyList_GET_ITEM(headers, i)))
            return false;
    return true;
}

/* start_response(status, headers, exc_info=None) */
PyObject *wsgi_start_response(PyObject *self, PyObject *const *arguments, size_t flagged_count, PyObject *names)
{
    struct wsgi_response *response = (struct wsgi_response *)self;
    Py_ssize_t count = PyVectorcall_NARGS(flagged_count), named = names ? PyTuple_GET_SIZE(names) : 0;
    bool exc_info_named =
        named == 1 && count == 2 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "exc_info") == 0;
    if (count < 2 || count > 3 || (named && !exc_info_named)) {
        fail_with(PyExc_TypeError, "start_response(status, headers, exc_info=None)");
        return NULL;
    }
    if (!allow_call(response, count + named == 3 ? arguments[2] : NULL) || !read_status(response, arguments[0]))
        return NULL;
    if (!read_headers(response, arguments[1])) {
        response_head_clear(&response->head);
        return NULL;
    }
    return wsgi_response_write(response);
}
