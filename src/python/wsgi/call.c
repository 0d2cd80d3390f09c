#include "python/wsgi/call.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/list.h"
#include "config/config.h"
#include "core/model.h"
#include "python/app/app.h"
#include "python/app/borrowed_bytes.h"
#include "python/app/response_head.h"
#include "python/interp/error.h"
#include "python/interp/fork_child.h"
#include "python/interp/log_function.h"
#include "python/interp/thread.h"
#include "python/wsgi/environ.h"
#include "python/wsgi/errors.h"
#include "python/wsgi/input.h"
#include "python/wsgi/pieces.h"
#include "python/wsgi/response.h"
#include "python/wsgi/start_response.h"
#include "python/wsgi/stream.h"

/* A thread's data for its calls of the app. */
struct wsgi {
    struct kept kept;
    struct python_thread *thread;
    PyObject *app; /* NULL: refusal says why */
    char *refusal;
    struct environs environs;
    PyObject *input_type;
    PyObject *response_type;
    PyObject *file_type; /* wsgi.file_wrapper */

    /* Of the last call, for the next one; NULL: the app kept it. */
    PyObject *input;
    struct wsgi_response *response;
};

/* Returns a dict of the keys that every environ of this model shares. A new reference; NULL with an exception set. */
static PyObject *common_environ(struct python_thread *thread, const struct model *model)
{
    /* Models with a GIL per thread count as multiprocess: their interpreters share nothing, like processes. In the
     * other models all threads share one interpreter. */
    bool own = model->ops->own_gils;
    bool threads = !own && (model->ops->on_loop ? model->loop_count : model->threads) > 1;
    PyObject *log = log_function_new("app");
    PyObject *begin_line = log ? wsgi_errors_begin_line_new(thread) : NULL;
    PyObject *module = begin_line ? PyImport_ImportModule("tandem.wsgi") : NULL;
    PyObject *made = module ? PyObject_CallMethod(module, "common_environ", "OOOO", log, begin_line,
                                                  threads ? Py_True : Py_False, own ? Py_True : Py_False)
                            : NULL;
    Py_XDECREF(module);
    Py_XDECREF(begin_line);
    Py_XDECREF(log);
    return made;
}

static bool set_up(struct wsgi *wsgi, const struct model *model, struct interpreter *interpreter)
{
    PyObject *common = common_environ(wsgi->thread, model);
    bool good = common && environs_open(&wsgi->environs, common) && wsgi_errors_open(wsgi->thread, common);
    wsgi->file_type = good ? Py_NewRef(PyDict_GetItemString(common, "wsgi.file_wrapper")) : NULL;
    Py_XDECREF(common);
    wsgi->input_type = good ? wsgi_input_type() : NULL;
    wsgi->response_type = good ? wsgi_response_type() : NULL;
    wsgi->app = wsgi->input_type && wsgi->response_type ? app_import(interpreter) : NULL;
    return wsgi->app != NULL;
}

static void let_go(struct kept *kept)
{
    struct wsgi *wsgi = CONTAINER_OF(kept, struct wsgi, kept);
    borrowed_bytes_let_go(wsgi->thread);
    wsgi_response_drop(&wsgi->response);
    Py_CLEAR(wsgi->input);
    Py_CLEAR(wsgi->app);
    Py_CLEAR(wsgi->input_type);
    Py_CLEAR(wsgi->response_type);
    Py_CLEAR(wsgi->file_type);
    wsgi_errors_close(wsgi->thread);
    environs_close(&wsgi->environs);
    free(wsgi->refusal);
    free(wsgi);
}

/* Returns the thread's struct wsgi, which is made at its first call. Its app is NULL if set-up failed. NULL: memory ran
 * out. */
static struct wsgi *wsgi_of(struct python_thread *thread, const struct model *model)
{
    if (thread->wsgi)
        return thread->wsgi;
    struct wsgi *wsgi = thread->wsgi = calloc(1, sizeof *wsgi);
    if (!wsgi)
        return NULL;
    wsgi->thread = thread;
    kept_add(&thread->kept, &wsgi->kept, let_go);
    if (set_up(wsgi, model, thread->interpreter))
        return wsgi;
    char *refused = error_refused_module();
    wsgi->refusal = refused ? refused : error_summary();
    error_log("app");
    return wsgi;
}

/* Sends a list or a tuple: the whole body. False: an exception is set. */
static bool send_sequence(struct wsgi_response *response, PyObject *result)
{
    Py_ssize_t count = PySequence_Fast_GET_SIZE(result);
    PyObject **pieces = PySequence_Fast_ITEMS(result);
    for (Py_ssize_t i = 0; i < count; i++)
        if (!wsgi_check_piece(pieces[i]))
            return false;
    if (!response->pipe)
        return wsgi_response_send(response, pieces, count);
    for (Py_ssize_t i = 0; i < count; i++)
        if (PyBytes_GET_SIZE(pieces[i]) > 0 && !wsgi_response_push(response, pieces[i]))
            return false;
    return true;
}

/* Sends a first piece that is the whole body by its Content-Length. The rest of the iterable runs before the piece is
 * sent; a further piece is an error. False: an exception is set. */
static bool send_only_piece(struct wsgi_response *response, PyObject *iterator, PyObject *piece)
{
    PyObject *more = wsgi_next_piece(iterator);
    if (more) {
        (void)response_head_fits(&response->head, response->head.length + (uint64_t)PyBytes_GET_SIZE(more));
        Py_DECREF(more);
    }
    if (!PyErr_Occurred() && response->pipe)
        PyErr_SetString(PyExc_RuntimeError, "the app's iterable called write()");
    return !PyErr_Occurred() && wsgi_response_send(response, &piece, 1);
}

/* Pushes this piece and all further ones to the pipe. False: an exception is set. */
static bool push_all(struct wsgi_response *response, PyObject *iterator, PyObject *piece)
{
    Py_INCREF(piece);
    while (piece) {
        bool pushed = wsgi_response_push(response, piece);
        Py_DECREF(piece);
        if (!pushed)
            return false;
        piece = wsgi_next_piece(iterator);
    }
    return !PyErr_Occurred();
}

/* Sends the first piece, and decides how. *streams becomes true if a stream holds the result and will close it. */
static bool send_first(struct wsgi_response *response, PyObject *result, PyObject *iterator, PyObject *piece,
                       bool *streams)
{
    if (response->pipe)
        return push_all(response, iterator, piece);
    if (response->head.status &&
        (!wsgi_response_has_body(response) ||
         (uint64_t)PyBytes_GET_SIZE(piece) + response->written.length == response->head.length))
        return wsgi_response_has_body(response) ? send_only_piece(response, iterator, piece)
                                                : wsgi_response_send_head(response);
    if (!response->request->model->ops->on_loop)
        return push_all(response, iterator, piece);
    if (!response->head.status) {
        PyErr_SetString(PyExc_RuntimeError, "the app did not call start_response");
        return false;
    }
    struct stream *stream = wsgi_stream_new(response, result, iterator, piece);
    if (!stream)
        return false;
    wsgi_response_stream(response, stream);
    *streams = true;
    return true;
}

/* Sends a wsgi.file_wrapper by its descriptor, if no body has been sent yet and the kernel can send the file. *sent:
 * true if that was done or has failed; else the wrapper is to be iterated. False: an exception is set. */
static bool send_file(struct wsgi_response *response, PyObject *result, bool *sent)
{
    *sent = false;
    if (response->begun || !response->head.status || !wsgi_response_has_body(response))
        return true;
    PyObject *found = PyObject_CallMethod(result, "descriptor", NULL);
    if (found == Py_None) {
        Py_DECREF(found);
        return true;
    }
    *sent = true;
    int file = -1;
    unsigned long long at = 0;
    bool good = found && PyArg_ParseTuple(found, "iK", &file, &at) && wsgi_response_file(response, file, at);
    Py_XDECREF(found);
    return good;
}

static bool send_iterable(struct wsgi_response *response, PyObject *result, bool *streams)
{
    PyObject *iterator = PyObject_GetIter(result);
    PyObject *piece = iterator ? wsgi_next_piece(iterator) : NULL;
    bool good = iterator && !PyErr_Occurred();
    if (good && piece)
        good = send_first(response, result, iterator, piece, streams);
    else if (good && !response->pipe)
        good = wsgi_response_has_body(response) ? wsgi_response_send(response, NULL, 0)
                                                : wsgi_response_send_head(response);
    Py_XDECREF(piece);
    Py_XDECREF(iterator);
    return good;
}

/* Sends the app's result and closes it, unless a stream will. False: an exception is set. */
static bool send_result(struct wsgi_response *response, PyObject *result, PyTypeObject *file_type)
{
    bool streams = false, sent = false, good = true;
    if (PyList_CheckExact(result) || PyTuple_CheckExact(result))
        good = send_sequence(response, result);
    else if (Py_IS_TYPE(result, file_type))
        good = send_file(response, result, &sent) && (sent || send_iterable(response, result, &streams));
    else
        good = send_iterable(response, result, &streams);
    PyObject *exception = PyErr_GetRaisedException();
    if (!streams)
        wsgi_close_result(result);
    PyErr_SetRaisedException(exception);
    return good;
}

static void refuse(struct request *request, const char *reason)
{
    reply_error(&request->reply, 501, REFUSED_UNSUPPORTED, "%s cannot run the app: %s", request->model->ops->name,
                reason);
}

/* Handles the exception that is set, and clears it. It becomes the reply, or goes to the log if the request was given
 * back. It is dropped if the client has left: that is no failure of the app's. */
static void fail(struct wsgi_response *response, struct request *request)
{
    if (response && response->client_left) {
        PyErr_Clear();
        return;
    }
    if (response && !response->request) {
        error_log("app");
        return;
    }
    char *refused = request->model->ops->own_gils ? error_refused_module() : NULL;
    if (refused) { /* the app imports a module at this request that its interpreter cannot have */
        error_log("app");
        refuse(request, refused);
        free(refused);
        return;
    }
    error_fail(request);
}

bool wsgi_call(struct python_thread *thread, struct request *request, uint64_t waited_ns)
{
    struct wsgi *wsgi = wsgi_of(thread, request->model);
    if (!wsgi || !wsgi->app) {
        refuse(request, wsgi && wsgi->refusal ? wsgi->refusal : "out of memory");
        return true;
    }
    PyObject *input = wsgi_input_open(&wsgi->input, wsgi->input_type, request);
    PyObject *environ = input ? environ_new(&wsgi->environs, request, input) : NULL;
    struct wsgi_response *response = environ ? wsgi_response_open(&wsgi->response, wsgi->response_type,
                                                                  wsgi_start_response, thread, request, waited_ns)
                                             : NULL;
    PyObject *arguments[] = {NULL, environ, (PyObject *)response};
    PyObject *result =
        response ? PyObject_Vectorcall(wsgi->app, arguments + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL) : NULL;
    fork_child_check();
    bool good = result && send_result(response, result, (PyTypeObject *)wsgi->file_type);
    if (!good)
        fail(response, request);
    Py_XDECREF(result);
    Py_XDECREF(environ);
    wsgi_errors_end_line(thread);
    if (input)
        wsgi_input_close(input, &wsgi->input);
    if (!response)
        return true;
    bool kept = response->request != NULL;
    wsgi_response_end(response, good);
    wsgi_response_close(response, &wsgi->response);
    return kept;
}
