#include "python/wsgi/response.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "core/loop.h"
#include "core/model.h"
#include "python/app/borrowed_bytes.h"
#include "python/app/method.h"
#include "python/app/response_head.h"
#include "python/interp/error.h"
#include "python/interp/fork_child.h"
#include "python/interp/request_timing.h"
#include "python/interp/thread.h"

static bool fail_with(PyObject *type, const char *text)
{
    PyErr_SetString(type, text);
    return false;
}

/* Sets the timestamps that the model is responsible for, and gives the request back. */
static void give_back(struct wsgi_response *response)
{
    struct request *request = response->request;
    response->request = NULL;
    request_timing_give_back(response->thread, request, response->waited_ns);
}

bool wsgi_response_has_body(const struct wsgi_response *response)
{
    return response_head_has_body(&response->head, response->request);
}

static bool check_started(const struct wsgi_response *response)
{
    return response->head.status || fail_with(PyExc_RuntimeError, "the app did not call start_response");
}

static void put_head(struct wsgi_response *response)
{
    response_head_put(&response->head, &response->request->reply);
    response->begun = true;
}

void wsgi_response_stream(struct wsgi_response *response, struct stream *stream)
{
    response_head_send_stream(&response->head, &response->request->reply, stream);
    response->begun = true;
}

/* Returns the length of the body: what write() got, and the pieces. */
static size_t length_of(const struct wsgi_response *response, PyObject *const *pieces, Py_ssize_t count)
{
    size_t length = response->written.length;
    for (Py_ssize_t i = 0; i < count; i++)
        length += (size_t)PyBytes_GET_SIZE(pieces[i]);
    return length;
}

/* Returns what write() got, followed by the pieces, in one buffer from malloc. NULL with an exception set. */
static char *join(const struct wsgi_response *response, PyObject *const *pieces, Py_ssize_t count, size_t *length)
{
    *length = length_of(response, pieces, count);
    char *all = malloc(*length ? *length : 1), *at = all;
    if (!all) {
        PyErr_NoMemory();
        return NULL;
    }
    if (response->written.length)
        memcpy(at, response->written.bytes, response->written.length);
    at += response->written.length;
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(at, PyBytes_AS_STRING(pieces[i]), (size_t)PyBytes_GET_SIZE(pieces[i]));
        at += PyBytes_GET_SIZE(pieces[i]);
    }
    return all;
}

static bool put_body(struct wsgi_response *response, PyObject *const *pieces, Py_ssize_t count)
{
    if (count == 1 && response->written.length == 0) {
        borrowed_bytes_put(response->thread, response->request, response->head.status, pieces[0]);
        return true;
    }
    size_t length;
    char *all = join(response, pieces, count, &length);
    if (all)
        reply_take(&response->request->reply, response->head.status, NULL, all, length);
    return all != NULL;
}

bool wsgi_response_send_head(struct wsgi_response *response)
{
    if (!check_started(response))
        return false;
    response_head_send_bare(&response->head, &response->request->reply);
    response->begun = true;
    return true;
}

bool wsgi_response_send(struct wsgi_response *response, PyObject *const *pieces, Py_ssize_t count)
{
    struct reply *reply = &response->request->reply;
    if (!check_started(response))
        return false;
    if (!wsgi_response_has_body(response)) {
        if (response->head.length == REPLY_LENGTH_OPEN)
            response->head.length = length_of(response, pieces, count);
        return wsgi_response_send_head(response);
    }
    if (!put_body(response, pieces, count))
        return false;
    response->sent_bytes = reply->body_bytes;
    if (!response_head_is_whole(&response->head, response->sent_bytes))
        return false;
    put_head(response);
    return true;
}

bool wsgi_response_file(struct wsgi_response *response, int file, uint64_t at)
{
    struct stat found;
    CHECK(fstat(file, &found) == 0);
    uint64_t size = (uint64_t)found.st_size > at ? (uint64_t)found.st_size - at : 0;
    response->sent_bytes = response->head.length < size ? response->head.length : size;
    if (!check_started(response) || !response_head_is_whole(&response->head, response->sent_bytes)) {
        close(file);
        return false;
    }
    reply_file(&response->request->reply, response->head.status, file, at, response->sent_bytes);
    put_head(response);
    return true;
}

static bool open_pipe(struct wsgi_response *response)
{
    if (!check_started(response))
        return false;
    response->pipe = pipe_new(response->request->loop);
    if (!response->pipe) {
        PyErr_NoMemory();
        return false;
    }
    wsgi_response_stream(response, pipe_stream(response->pipe));
    give_back(response);
    return true;
}

bool wsgi_response_push(struct wsgi_response *response, PyObject *piece)
{
    size_t length = (size_t)PyBytes_GET_SIZE(piece);
    if (!response_head_fits(&response->head, response->sent_bytes + length) ||
        (!response->pipe && !open_pipe(response)))
        return false;
    struct pipe *pipe = response->pipe;
    bool taken;
    response->pushing++;
    Py_BEGIN_ALLOW_THREADS /* meanwhile other threads of the app may call write(), or the app may return */
        taken = pipe_write(pipe, PyBytes_AS_STRING(piece), length);
    Py_END_ALLOW_THREADS response->sent_bytes += length;
    if (--response->pushing == 0 && !response->pipe)
        pipe_write_end(pipe, false);
    if (taken)
        return true;
    response->client_left = true;
    return fail_with(PyExc_ConnectionResetError, "the client has left");
}

void wsgi_response_end(struct wsgi_response *response, bool whole)
{
    if (!response->pipe)
        return;
    struct pipe *pipe = response->pipe;
    response->pipe = NULL;
    if (response->pushing) {
        fail_with(PyExc_RuntimeError, "the app returned while a thread of its own was in write()");
        error_log("app");
        return; /* the last of those threads ends the pipe */
    }
    if (whole && !response_head_is_whole(&response->head, response->sent_bytes)) {
        error_log("app");
        whole = false;
    }
    pipe_write_end(pipe, whole);
}

/* write(data) (PEP 3333, "The write() Callable"). */
static PyObject *write_piece(PyObject *self, PyObject *piece)
{
    fork_child_check();
    struct wsgi_response *response = (struct wsgi_response *)self;
    if (!PyBytes_Check(piece)) {
        PyErr_Format(PyExc_TypeError, "write: bytes are written, not %s", Py_TYPE(piece)->tp_name);
        return NULL;
    }
    if (!response->request && !response->pipe) {
        fail_with(PyExc_RuntimeError, "write: the request is over");
        return NULL;
    }
    if (PyBytes_GET_SIZE(piece) == 0)
        Py_RETURN_NONE;
    bool waits_for_app =
        response->request && (response->request->model->ops->on_loop || !wsgi_response_has_body(response));
    if (!waits_for_app)
        return wsgi_response_push(response, piece) ? Py_NewRef(Py_None) : NULL;
    response->begun = true;
    if (!buf_append(&response->written, PyBytes_AS_STRING(piece), (size_t)PyBytes_GET_SIZE(piece)))
        Py_RETURN_NONE;
    return PyErr_NoMemory();
}

PyObject *wsgi_response_write(struct wsgi_response *response)
{
    static PyMethodDef write = {"write", write_piece, METH_O, NULL};
    if (!response->write)
        response->write = PyCFunction_New(&write, (PyObject *)response);
    return Py_XNewRef(response->write);
}

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    struct wsgi_response *response = (struct wsgi_response *)self;
    response_head_clear(&response->head);
    buf_free(&response->written);
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject *wsgi_response_type(void)
{
    static PyMemberDef members[] = {
        {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(struct wsgi_response, vectorcall), Py_READONLY, NULL},
        {NULL, 0, 0, 0, NULL},
    };
    static PyType_Slot slots[] = {
        {Py_tp_members, members},
        {Py_tp_call, (void *)PyVectorcall_Call},
        {Py_tp_dealloc, (void *)deallocate},
        {0, NULL},
    };
    static PyType_Spec spec = {
        .name = "tandem.StartResponse",
        .basicsize = sizeof(struct wsgi_response),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_VECTORCALL,
        .slots = slots,
    };
    return PyType_FromSpec(&spec);
}

struct wsgi_response *wsgi_response_open(struct wsgi_response **spare, PyObject *type, vectorcallfunc call,
                                         struct python_thread *thread, struct request *request, uint64_t waited_ns)
{
    struct wsgi_response *response = *spare;
    *spare = NULL;
    if (!response)
        response = (struct wsgi_response *)((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
    if (!response)
        return NULL;
    response->vectorcall = call;
    response->thread = thread;
    response->request = request;
    response->waited_ns = waited_ns;
    response_head_clear(&response->head);
    response->sent_bytes = 0;
    response->begun = response->client_left = false;
    return response;
}

/* True if only the caller holds the response, and only the response its write(). */
static bool is_unshared(const struct wsgi_response *response)
{
    return Py_REFCNT(response) == (response->write ? 2 : 1) &&
           (!response->write || method_is_unshared(response->write));
}

void wsgi_response_close(struct wsgi_response *response, struct wsgi_response **spare)
{
    response->request = NULL;
    response->thread = NULL;
    response_head_clear(&response->head);
    buf_free(&response->written);
    wsgi_response_drop(spare);
    *spare = response;
    if (!is_unshared(response))
        wsgi_response_drop(spare);
}

void wsgi_response_drop(struct wsgi_response **spare)
{
    struct wsgi_response *response = *spare;
    *spare = NULL;
    if (response)
        Py_CLEAR(response->write);
    Py_XDECREF(response);
}
