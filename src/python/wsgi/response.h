/* The response to one call of a WSGI app: the start_response callable (PEP 3333), and how head and body are sent. */
#ifndef TANDEM_PYTHON_WSGI_RESPONSE_H
#define TANDEM_PYTHON_WSGI_RESPONSE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "base/buf.h"
#include "core/request.h"
#include "python/app/response_head.h"
#include "stream/pipe.h"

struct python_thread;

/* The callable start_response. All functions here run with the GIL held. */
struct wsgi_response {
    PyObject ob_base;
    vectorcallfunc vectorcall;
    struct python_thread *thread;
    struct request *request;   /* NULL after it was given back, and after the call */
    uint64_t waited_ns;        /* as for wsgi_call */
    struct response_head head; /* its status is 0 until the app has called start_response */
    uint64_t sent_bytes;       /* bytes of the body passed on to the reply or the pipe */
    bool begun;                /* the body was begun, by write() or a reply: the head cannot change any more */
    bool client_left;          /* a push has failed for that; it is no failure of the app's */
    struct buf written; /* write()'s bytes if the model is on the loop or no body is sent; used when the app returns */
    struct pipe *pipe;  /* the stream of a model with threads of its own; NULL: none yet, or ended */
    unsigned pushing;   /* threads that write to the pipe, without the GIL */
    PyObject *write;    /* the method write() of this response, which holds it in turn; NULL: not made yet */
};

/* Returns the type of start_response, a new reference; NULL with an exception set. */
PyObject *wsgi_response_type(void);

/* Returns a response to this request, owned by the caller until wsgi_response_close; NULL with an exception set. It is
 * *spare, which becomes NULL, or a new one if there is none. call: the function that implements its call
 * (start_response.h). Borrows the request until it is given back or the response is closed. waited_ns: as for
 * wsgi_call.
 */
struct wsgi_response *wsgi_response_open(struct wsgi_response **spare, PyObject *type, vectorcallfunc call,
                                         struct python_thread *thread, struct request *request, uint64_t waited_ns);

/* Returns the method write(data), a new reference; NULL with an exception set. */
PyObject *wsgi_response_write(struct wsgi_response *response);

/* True if a body is sent: not for HEAD, 204 and 304. */
bool wsgi_response_has_body(const struct wsgi_response *response);

/* Writes the complete reply: what write() got, then the pieces. False: an exception is set. */
bool wsgi_response_send(struct wsgi_response *response, PyObject *const *pieces, Py_ssize_t count);

/* Writes the complete reply of a response without a body. Ignores the pieces. False: an exception is set. */
bool wsgi_response_send_head(struct wsgi_response *response);

/* Makes the stream the reply's body. Takes the stream; the request stays the caller's. */
void wsgi_response_stream(struct wsgi_response *response, struct stream *stream);

/* Makes a regular file the body, from offset at to its end, but at most Content-Length bytes. Takes the descriptor.
 * False: an exception is set. */
bool wsgi_response_file(struct wsgi_response *response, int file, uint64_t at);

/* Writes a piece to the pipe, in a model with threads of its own. The first piece opens the pipe and gives the request
 * back. Waits without the GIL while the pipe is full. False: an exception is set; ConnectionResetError if the client
 * has left. */
bool wsgi_response_push(struct wsgi_response *response, PyObject *piece);

/* Ends the stream that was pushed to, if there is one. whole: the app did not fail. */
void wsgi_response_end(struct wsgi_response *response, bool whole);

/* Ends the call: from now on start_response and write() raise, if the app kept them. Takes the response. It becomes
 * *spare, for the next call, if the app kept neither. */
void wsgi_response_close(struct wsgi_response *response, struct wsgi_response **spare);

/* Drops *spare, if there is one. */
void wsgi_response_drop(struct wsgi_response **spare);

#endif
