#include "python/wsgi/stream.h"

#include <stdlib.h>
#include <string.h>

#include "python/interp/error.h"
#include "python/interp/thread.h"
#include "python/wsgi/errors.h"
#include "python/wsgi/pieces.h"

struct wsgi_stream {
    struct stream stream;
    struct python_thread *thread;
    PyObject *result;
    PyObject *iterator;
    PyObject *piece;           /* the current piece; NULL: no more */
    size_t sent_bytes;         /* of the current piece */
    struct response_head head; /* only its length is used */
    uint64_t total_bytes;      /* of the body, up to the end of the current piece */
    struct buf written;        /* write()'s bytes, which are sent first */
    size_t written_sent;
    bool broken;
};

/* Takes the GIL, unless the thread has it; true: the caller must leave. The thread has the GIL when a 504 replaces the
 * reply, because the stream is then closed within the batch. */
static bool enter(struct python_thread *thread)
{
    bool outside = !thread->inside;
    if (outside)
        python_enter(thread);
    return outside;
}

/* Gets the next piece, and checks the body against its Content-Length. Logs an error, and marks the stream broken. */
static void fetch(struct wsgi_stream *self)
{
    bool entered = enter(self->thread);
    Py_CLEAR(self->piece);
    self->sent_bytes = 0;
    self->piece = wsgi_next_piece(self->iterator);
    self->total_bytes += self->piece ? (uint64_t)PyBytes_GET_SIZE(self->piece) : 0;
    self->broken = PyErr_Occurred() || !(self->piece ? response_head_fits(&self->head, self->total_bytes)
                                                     : response_head_is_whole(&self->head, self->total_bytes));
    if (self->broken) {
        Py_CLEAR(self->piece);
        error_log("app");
    }
    wsgi_errors_end_line(self->thread);
    if (entered)
        python_leave(self->thread);
}

static ssize_t hand_out(char *out, size_t room, const char *bytes, size_t length, size_t *sent_bytes)
{
    size_t left = length - *sent_bytes;
    size_t run = left < room ? left : room;
    memcpy(out, bytes + *sent_bytes, run);
    *sent_bytes += run;
    return (ssize_t)run;
}

static ssize_t next(struct stream *stream, char *out, size_t room)
{
    struct wsgi_stream *self = (struct wsgi_stream *)stream;
    if (self->written_sent < self->written.length)
        return hand_out(out, room, self->written.bytes, self->written.length, &self->written_sent);
    if (self->piece && self->sent_bytes == (size_t)PyBytes_GET_SIZE(self->piece))
        fetch(self);
    if (!self->piece)
        return self->broken ? STREAM_BROKEN : STREAM_END;
    return hand_out(out, room, PyBytes_AS_STRING(self->piece), (size_t)PyBytes_GET_SIZE(self->piece),
                    &self->sent_bytes);
}

static void close_stream(struct stream *stream)
{
    struct wsgi_stream *self = (struct wsgi_stream *)stream;
    bool entered = enter(self->thread);
    Py_CLEAR(self->piece);
    Py_CLEAR(self->iterator);
    wsgi_close_result(self->result);
    Py_CLEAR(self->result);
    wsgi_errors_end_line(self->thread);
    if (entered)
        python_leave(self->thread);
    buf_free(&self->written);
    free(self);
}

static const struct stream_ops ops = {.next = next, .close = close_stream};

struct stream *wsgi_stream_new(struct wsgi_response *response, PyObject *result, PyObject *iterator, PyObject *first)
{
    uint64_t first_bytes = response->written.length + (uint64_t)PyBytes_GET_SIZE(first);
    if (!response_head_fits(&response->head, first_bytes))
        return NULL;
    struct wsgi_stream *self = calloc(1, sizeof *self);
    if (!self) {
        PyErr_NoMemory();
        return NULL;
    }
    *self = (struct wsgi_stream){
        .stream = {.ops = &ops},
        .thread = response->thread,
        .result = Py_NewRef(result),
        .iterator = Py_NewRef(iterator),
        .piece = Py_NewRef(first),
        .head = {.length = response->head.length},
        .total_bytes = first_bytes,
        .written = response->written,
    };
    response->written = (struct buf){0};
    return &self->stream;
}
