/* The status and the fields that an app gives its response, and what has to be said of its body. The GIL held,
 * everywhere here. */
#ifndef TANDEM_PYTHON_RESPONSE_HEAD_H
#define TANDEM_PYTHON_RESPONSE_HEAD_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "core/fields.h"
#include "core/request.h"

struct response_head {
    unsigned status; /* 0: none yet */
    struct fields fields;
    uint64_t length; /* Content-Length; REPLY_LENGTH_OPEN: none */
};

/* Makes it that of no response; frees what it has. */
void response_head_clear(struct response_head *head);

/* One field more; what is the server's to say is dropped. False: an exception is set, which shows field. */
bool response_head_add(struct response_head *head, const char *name, size_t name_bytes, const char *value,
                       size_t value_bytes, PyObject *field);

/* Whether a body goes out at all: not for HEAD, 204 and 304. request NULL: for another method than HEAD. */
bool response_head_has_body(const struct response_head *head, const struct request *request);

/* Whether a body of so many bytes is not over its Content-Length; is as long. False: an exception is set. */
bool response_head_fits(const struct response_head *head, uint64_t bytes);
bool response_head_is_whole(const struct response_head *head, uint64_t bytes);

/* The fields go to the reply, whose status and body are there; unless memory ran out for them, which it says instead.
 */
void response_head_put(struct response_head *head, struct reply *reply);

/* The reply is the stream, which it takes. */
void response_head_send_stream(struct response_head *head, struct reply *reply, struct stream *stream);

/* The whole reply where no body goes out. */
void response_head_send_bare(struct response_head *head, struct reply *reply);

#endif
