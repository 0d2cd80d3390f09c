#include "python/wsgi/input.h"

#include <string.h>

#include "base/buf.h"
#include "python/interp/fork_child.h"
#include "stream/pipe.h"

/* A read of at most so many bytes allocates its result first, and copies bytes into it as they arrive. A longer read
 * may ask for far more than the body has, so it gathers the bytes first. */
static const size_t direct_bytes = 1024 * 1024;

struct input {
    PyObject ob_base;
    struct buf buf;    /* the bytes received */
    size_t at;         /* how many of them have been read */
    struct pipe *pipe; /* the source of further bytes; NULL: there are none */
    bool fetching;     /* a thread fetches without the GIL: no other may touch the fields above */
};

static struct input *input_of(PyObject *self)
{
    return (struct input *)self;
}

static void empty(struct input *input)
{
    buf_free(&input->buf);
    input->at = 0;
    if (input->pipe)
        pipe_read_end(input->pipe);
    input->pipe = NULL;
}

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    empty(input_of(self));
    type->tp_free(self);
    Py_DECREF(type);
}

static size_t unread(const struct input *input)
{
    return input->buf.length - input->at;
}

/* True if no other thread is fetching; must be checked before each read. False: an exception is set. */
static bool may_read(const struct input *input)
{
    if (input->fetching)
        PyErr_SetString(PyExc_RuntimeError, "another thread is reading wsgi.input");
    return !input->fetching;
}

/* Waits without the GIL for more bytes or the end of the body. At the end pipe becomes NULL. False: an exception is
 * set, and pipe is NULL. */
static bool fetch(struct input *input)
{
    fork_child_check(); /* nobody writes to the child's copy of the pipe */
    buf_consume(&input->buf, input->at);
    input->at = 0;
    ssize_t got;
    input->fetching = true;
    Py_BEGIN_ALLOW_THREADS got = pipe_read(input->pipe, &input->buf);
    Py_END_ALLOW_THREADS input->fetching = false;
    if (got > 0)
        return true;
    pipe_read_end(input->pipe);
    input->pipe = NULL;
    if (got < 0)
        PyErr_SetString(PyExc_ConnectionResetError, "the request's body ended before it was whole");
    return got == 0;
}

/* Copies at most length bytes of those that are there, and consumes them. Returns how many. */
static size_t copy_out(struct input *input, char *out, size_t length)
{
    size_t run = length < unread(input) ? length : unread(input);
    if (run)
        memcpy(out, input->buf.bytes + input->at, run);
    input->at += run;
    return run;
}

/* Reads length bytes, waiting for them; fewer only at the end. A new reference; NULL with an exception set. */
static PyObject *take(struct input *input, size_t length)
{
    if (!may_read(input))
        return NULL;
    while (length > direct_bytes && unread(input) < length && input->pipe)
        if (!fetch(input))
            return NULL;
    if (!input->pipe && unread(input) < length)
        length = unread(input);
    PyObject *taken = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)length);
    if (!taken)
        return NULL;
    size_t run = copy_out(input, PyBytes_AS_STRING(taken), length);
    while (run < length && input->pipe) {
        if (!fetch(input)) {
            Py_DECREF(taken);
            return NULL;
        }
        run += copy_out(input, PyBytes_AS_STRING(taken) + run, length - run);
    }
    if (run < length)
        _PyBytes_Resize(&taken, (Py_ssize_t)run); /* sets taken to NULL, and an exception, if memory ran out */
    return taken;
}

/* Reads the optional size argument. *out becomes SIZE_MAX, no limit, if it is missing, None or negative. False: an
 * exception is set. */
static bool read_size(const char *method, PyObject *const *arguments, Py_ssize_t count, size_t *out)
{
    *out = SIZE_MAX;
    if (count > 1) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most one argument (%zd given)", method, count);
        return false;
    }
    if (count == 0 || arguments[0] == Py_None)
        return true;
    Py_ssize_t size = PyNumber_AsSsize_t(arguments[0], PyExc_OverflowError);
    if (size == -1 && PyErr_Occurred())
        return false;
    if (size >= 0)
        *out = (size_t)size;
    return true;
}

static PyObject *read_bytes(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    size_t size;
    return read_size("read", arguments, count, &size) ? take(input_of(self), size) : NULL;
}

/* Reads a line, its newline included, but no more than most bytes. A new reference; NULL with an exception set. */
static PyObject *take_line(struct input *input, size_t most)
{
    size_t looked_at = 0;
    if (!may_read(input))
        return NULL;
    for (;;) {
        size_t within = most < unread(input) ? most : unread(input);
        const char *start = input->buf.bytes + input->at;
        const char *end = within > looked_at ? memchr(start + looked_at, '\n', within - looked_at) : NULL;
        if (end)
            return take(input, (size_t)(end - start) + 1);
        if (within == most || !input->pipe)
            return take(input, within);
        looked_at = within;
        if (!fetch(input))
            return NULL;
    }
}

/* Returns 1 if the whole body has been read, else 0; -1 with an exception set. May wait. */
static int at_end(struct input *input)
{
    if (!may_read(input))
        return -1;
    while (unread(input) == 0 && input->pipe)
        if (!fetch(input))
            return -1;
    return unread(input) == 0;
}

static PyObject *read_line(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    size_t size;
    return read_size("readline", arguments, count, &size) ? take_line(input_of(self), size) : NULL;
}

/* readlines(hint): reads no further line once hint bytes are read. 0 means no limit, as in io. */
static PyObject *read_lines(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    struct input *input = input_of(self);
    size_t hint, taken = 0;
    int ended = 0;
    if (!read_size("readlines", arguments, count, &hint))
        return NULL;
    PyObject *lines = PyList_New(0);
    while (lines && (hint == 0 || taken < hint) && (ended = at_end(input)) == 0) {
        PyObject *line = take_line(input, SIZE_MAX);
        taken += line ? (size_t)PyBytes_GET_SIZE(line) : 0;
        if (!line || PyList_Append(lines, line))
            Py_CLEAR(lines);
        Py_XDECREF(line);
    }
    if (ended < 0)
        Py_CLEAR(lines);
    return lines;
}

static PyObject *next_line(PyObject *self)
{
    struct input *input = input_of(self);
    return at_end(input) == 0 ? take_line(input, SIZE_MAX) : NULL;
}

PyObject *wsgi_input_type(void)
{
    static PyMethodDef methods[] = {
        {"read", (PyCFunction)(void (*)(void))read_bytes, METH_FASTCALL, NULL},
        {"readline", (PyCFunction)(void (*)(void))read_line, METH_FASTCALL, NULL},
        {"readlines", (PyCFunction)(void (*)(void))read_lines, METH_FASTCALL, NULL},
        {NULL, NULL, 0, NULL},
    };
    static PyType_Slot slots[] = {
        {Py_tp_methods, methods},
        {Py_tp_iter, (void *)PyObject_SelfIter},
        {Py_tp_iternext, (void *)next_line},
        {Py_tp_dealloc, (void *)deallocate},
        {0, NULL},
    };
    static PyType_Spec spec = {
        .name = "tandem.Input",
        .basicsize = sizeof(struct input),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    return PyType_FromSpec(&spec);
}

PyObject *wsgi_input_open(PyObject **spare, PyObject *type, struct request *request)
{
    struct input *input = *spare ? input_of(*spare) : NULL;
    *spare = NULL;
    if (!input)
        input = input_of(((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0));
    if (!input)
        return NULL;
    input->buf = (struct buf){request->body, request->body_bytes, request->body_capacity};
    input->pipe = request->body_reader;
    request->body_reader = NULL;
    request->body = NULL;
    request->body_bytes = request->body_capacity = 0;
    return (PyObject *)input;
}

void wsgi_input_close(PyObject *input, PyObject **spare)
{
    if (Py_REFCNT(input) > 1) {
        Py_DECREF(input);
        return;
    }
    empty(input_of(input));
    Py_XSETREF(*spare, input);
}
