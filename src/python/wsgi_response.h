/* start_response (PEP 3333), and what becomes of what it was told. */
#ifndef TANDEM_PYTHON_WSGI_RESPONSE_H
#define TANDEM_PYTHON_WSGI_RESPONSE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "base/buf.h"
#include "core/pipe.h"
#include "core/request.h"
#include "python/response_head.h"

struct python_thread;

/* The callable itself. The GIL held, everywhere here. */
struct wsgi_response {
    PyObject ob_base;
    vectorcallfunc vectorcall;
    struct python_thread *thread;
    struct request *request;   /* NULL once it has been given back, and once the call is over */
    uint64_t waited_ns;        /* as of wsgi_call */
    struct response_head head; /* its status is 0 before it has been called */
    uint64_t sent_bytes;       /* of the body, handed on */
    bool begun;                /* some of the body is out, so the status is settled */
    bool client_left;          /* which is no failure of the app's */
    struct buf written;        /* by write(), of a model on the loop: it goes out when the app returns */
    struct pipe *pipe;         /* a stream from a thread of a model's own; NULL: none yet, or ended */
    unsigned pushing;          /* threads that write to it, without the GIL */
};

/* Its type, a new reference; NULL with an exception set. */
PyObject *wsgi_response_type(void);

/* call: what a call of it does (wsgi_start.h). A new reference; NULL with an exception set. */
struct wsgi_response *wsgi_response_new(PyObject *type, vectorcallfunc call, struct python_thread *thread,
                                        struct request *request, uint64_t waited_ns);

/* What a call of it returns, as a method of the callable. */
extern PyMethodDef wsgi_response_write;

/* Whether a body goes out at all: not for HEAD, 204 and 304. */
bool wsgi_response_has_body(const struct wsgi_response *response);

/* The whole reply. False: an exception is set. */
bool wsgi_response_send(struct wsgi_response *response, PyObject *const *pieces, Py_ssize_t count);

/* The reply to HEAD, or another that has no body, where the pieces were not looked at. False: an exception is set. */
bool wsgi_response_send_head(struct wsgi_response *response);

/* The reply is the stream, which it takes; the request stays the caller's. */
void wsgi_response_stream(struct wsgi_response *response, struct stream *stream);

/* The body is what there is of a regular file from at on, but no more than its Content-Length. Takes the descriptor.
 * False: an exception is set. */
bool wsgi_response_file(struct wsgi_response *response, int file, uint64_t at);

/* A piece from a thread of a model's own; the first one gives the request back. Waits, without the GIL, where the
 * client is behind. False: an exception is set. */
bool wsgi_response_push(struct wsgi_response *response, PyObject *piece);

/* Ends the stream that was pushed to, if there is one. whole: nothing went wrong. */
void wsgi_response_end(struct wsgi_response *response, bool whole);

/* The call is over: whoever still has the callable gets an exception from it. Lets go of the reference. */
void wsgi_response_close(struct wsgi_response *response);

#endif
