#include "python/app/response_head.h"

#include <string.h>

#include "base/ascii.h"
#include "core/stream.h"

void response_head_clear(struct response_head *head)
{
    fields_free(&head->fields);
    head->status = 0;
    head->length = REPLY_LENGTH_OPEN;
}

static bool read_length(struct response_head *head, const char *value, size_t length)
{
    uint64_t number = 0;
    bool good = length > 0 && length <= 18;
    for (size_t i = 0; i < length && good; i++) {
        good = value[i] >= '0' && value[i] <= '9';
        number = number * 10 + (uint64_t)(value[i] - '0');
    }
    if (!good) {
        PyErr_SetString(PyExc_ValueError, "Content-Length is not a whole number");
        return false;
    }
    if (head->length != REPLY_LENGTH_OPEN && head->length != number) {
        PyErr_SetString(PyExc_ValueError, "Content-Length is given twice");
        return false;
    }
    head->length = number;
    return true;
}

bool response_head_add(struct response_head *head, const char *name, size_t name_bytes, const char *value,
                       size_t value_bytes, PyObject *field)
{
    if (ascii_equals(name, name_bytes, "content-length"))
        return read_length(head, value, value_bytes);
    if (fields_is_hop_by_hop(name, name_bytes))
        return true;
    switch (fields_add(&head->fields, name, name_bytes, value, value_bytes)) {
    case ERR_OK:
        return true;
    case ERR_NOMEM:
        PyErr_NoMemory();
        return false;
    default:
        PyErr_Format(PyExc_ValueError, "%R is no header: the name or the value has a forbidden byte", field);
        return false;
    }
}

static bool never_has_body(const struct response_head *head)
{
    return head->status == 204 || head->status == 304;
}

bool response_head_has_body(const struct response_head *head, const struct request *request)
{
    return !never_has_body(head) && (!request || strcmp(request->method, "HEAD") != 0);
}

bool response_head_fits(const struct response_head *head, uint64_t bytes)
{
    if (head->length == REPLY_LENGTH_OPEN || bytes <= head->length)
        return true;
    PyErr_Format(PyExc_ValueError, "the app's body is longer than its Content-Length of %llu",
                 (unsigned long long)head->length);
    return false;
}

bool response_head_is_whole(const struct response_head *head, uint64_t bytes)
{
    if (head->length == REPLY_LENGTH_OPEN || bytes == head->length)
        return true;
    PyErr_Format(PyExc_ValueError, "the app's body has %llu bytes, its Content-Length is %llu",
                 (unsigned long long)bytes, (unsigned long long)head->length);
    return false;
}

void response_head_put(struct response_head *head, struct reply *reply)
{
    if (reply->status != head->status)
        return;
    reply->fields = head->fields;
    head->fields = (struct fields){0};
}

void response_head_send_stream(struct response_head *head, struct reply *reply, struct stream *stream)
{
    reply_stream(reply, head->status, NULL, stream);
    response_head_put(head, reply);
    reply->length = head->length;
}

void response_head_send_bare(struct response_head *head, struct reply *reply)
{
    if (never_has_body(head) || head->length != REPLY_LENGTH_OPEN)
        reply_borrow(reply, head->status, NULL, "", 0);
    else
        reply_stream(reply, head->status, NULL, stream_of_nothing());
    response_head_put(head, reply);
    reply->length = never_has_body(head) ? REPLY_LENGTH_OPEN : head->length;
}
