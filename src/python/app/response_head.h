/* The head of an app's response: the status and the fields that the app sets, and the length that it announces. All
 * functions run with the GIL held. */
#ifndef TANDEM_PYTHON_APP_RESPONSE_HEAD_H
#define TANDEM_PYTHON_APP_RESPONSE_HEAD_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "core/fields.h"
#include "core/request.h"

struct response_head {
    unsigned status; /* 0: none yet */
    struct fields fields;
    uint64_t length; /* the app's Content-Length; REPLY_LENGTH_OPEN: none */
};

/* Frees what the head holds, and makes it empty. */
void response_head_clear(struct response_head *head);

/* Adds a field. Content-Length goes to length; hop-by-hop fields are the server's, and are dropped. field is the pair
 * as the app gave it, for error messages. False: an exception is set. */
bool response_head_add(struct response_head *head, const char *name, size_t name_bytes, const char *value,
                       size_t value_bytes, PyObject *field);

/* True if a body is sent: not for HEAD, 204 and 304. request NULL: the method is not HEAD. */
bool response_head_has_body(const struct response_head *head, const struct request *request);

/* Compare a body's length with its Content-Length, if there is one. response_head_fits is true if the body is not
 * longer, response_head_is_whole if it is as long. False: an exception is set. */
bool response_head_fits(const struct response_head *head, uint64_t bytes);
bool response_head_is_whole(const struct response_head *head, uint64_t bytes);

/* Moves the fields to the reply, whose status and body are already set. Does nothing if the reply has become an
 * out-of-memory error meanwhile. */
void response_head_put(struct response_head *head, struct reply *reply);

/* Makes the stream the reply's body. Takes the stream. */
void response_head_send_stream(struct response_head *head, struct reply *reply, struct stream *stream);

/* Writes the complete reply of a response without a body. */
void response_head_send_bare(struct response_head *head, struct reply *reply);

#endif
