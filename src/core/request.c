#include "core/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/model.h"

static void deliver_answered(struct inbox_message *inbox_message)
{
    struct request *request = CONTAINER_OF(inbox_message, struct request, answered);
    request->loop->on_answered(request->loop, request);
}

struct request *request_new(struct loop *loop, size_t head_bytes)
{
    loop_check(loop);
    struct request *request = SLIST_FIRST(&loop->free_requests);
    if (request)
        SLIST_REMOVE_HEAD(&loop->free_requests, freed);
    else if (!(request = malloc(sizeof *request)))
        return NULL;

    memset(request, 0, offsetof(struct request, head));
    request->loop = loop;
    request->answered.deliver = deliver_answered;
    request->head = head_bytes <= sizeof request->head_inline ? request->head_inline : malloc(head_bytes);
    request->head_bytes = head_bytes;
    reply_init(&request->reply);
    request->state = NULL;
    request->free_state = NULL;
    request->received_ns = request->submitted_ns = request->started_ns = request->finished_ns = request->gil_ns = 0;
    if (!request->head) {
        request_free(request);
        return NULL;
    }
    return request;
}

void request_free(struct request *request)
{
    struct loop *loop = request->loop;
    loop_check(loop);
    if (request->head != request->head_inline)
        free(request->head);
    free(request->body);
    if (request->free_state)
        request->free_state(request->state);
    if (request->let_go_of_streams)
        request->let_go_of_streams(request);
    reply_free(&request->reply);
    SLIST_INSERT_HEAD(&loop->free_requests, request, freed);
}

size_t request_path_bytes(const struct request *request)
{
    return strcspn(request->target, "?");
}

const char *request_query(const struct request *request)
{
    const char *end = request->target + request_path_bytes(request);
    return *end ? end + 1 : end;
}

static bool is_padding(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\0'; /* NUL: a string in the head was terminated there */
}

bool request_next_field(const struct request *request, size_t *at, struct field *out)
{
    const char *line = request->head + *at;
    const char *end = memchr(line, '\n', request->head_bytes - *at);
    if (!end || *line == '\r')
        return false;
    const char *colon = memchr(line, ':', (size_t)(end - line));
    CHECK(colon);
    *at = (size_t)(end + 1 - request->head);
    const char *value = colon + 1;
    while (value < end && is_padding(*value))
        value++;
    while (end > value && is_padding(end[-1]))
        end--;
    *out = (struct field){line, value, (size_t)(colon - line), (size_t)(end - value)};
    return true;
}

bool request_next_field_named(const struct request *request, const char *name, size_t *at, struct field *out)
{
    while (request_next_field(request, at, out))
        if (ascii_equals(out->name, out->name_bytes, name))
            return true;
    return false;
}

enum err request_body_reserve(struct request *request, size_t more)
{
    if (request->body_capacity - request->body_bytes >= more)
        return ERR_OK;
    size_t capacity = request->body_capacity * 2;
    if (capacity - request->body_bytes < more)
        capacity = request->body_bytes + more;
    char *body = realloc(request->body, capacity);
    if (!body)
        return ERR_NOMEM;
    request->body = body;
    request->body_capacity = capacity;
    return ERR_OK;
}

enum err request_body_append(struct request *request, const char *bytes, size_t length)
{
    enum err err = request_body_reserve(request, length);
    if (err)
        return err;
    if (length)
        memcpy(request->body + request->body_bytes, bytes, length);
    request->body_bytes += length;
    return ERR_OK;
}

void request_done(struct request *request)
{
    struct loop *loop = request->loop;
    if (!request->finished_ns)
        request->finished_ns = clock_ns();
    if (loop != loop_current()) {
        loop_post(loop, &request->answered);
        return;
    }
    loop->answered_ns = request->finished_ns;
    loop->on_answered(loop, request);
}

void request_give_up(struct request *request)
{
    request->client = NULL;
    atomic_store_explicit(&request->given_up, true, memory_order_relaxed);
}

void request_half_close(struct request *request)
{
    atomic_store(&request->half_closed, true);
}

bool request_half_closed(const struct request *request)
{
    return atomic_load(&request->half_closed);
}

bool request_given_up(const struct request *request)
{
    return atomic_load_explicit(&request->given_up, memory_order_relaxed);
}

void request_fail(struct request *request, const char *format, ...)
{
    char *reason;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&reason, format, args);
    va_end(args);
    log_error("%s %s in %s failed: %s", request->method, request->target, request->model->ops->name,
              length < 0 ? "out of memory" : reason);
    if (length >= 0)
        free(reason);
    reply_error(&request->reply, 500, REFUSED_HANDLER_ERROR, "the handler failed; the server's log says why");
}

/* Makes an empty list ready for its first request: zeroed memory has no pointer to its own head. */
static void prepare(struct request_list *list)
{
    if (STAILQ_EMPTY(&list->requests))
        STAILQ_INIT(&list->requests);
}

void request_list_push(struct request_list *list, struct request *request)
{
    prepare(list);
    STAILQ_INSERT_TAIL(&list->requests, request, listed);
    list->count++;
}

struct request *request_list_pop(struct request_list *list)
{
    struct request *request = STAILQ_FIRST(&list->requests);
    if (!request)
        return NULL;
    STAILQ_REMOVE_HEAD(&list->requests, listed);
    list->count--;
    return request;
}

void request_list_append(struct request_list *list, struct request_list *other)
{
    prepare(list);
    STAILQ_CONCAT(&list->requests, &other->requests);
    list->count += other->count;
    other->count = 0;
}
