#include "core/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/model.h"

struct request *request_new(struct loop *loop, size_t head_bytes)
{
    struct request *request = loop->free_requests;
    if (request)
        loop->free_requests = request->next;
    else if (!(request = malloc(sizeof *request)))
        return NULL;

    memset(request, 0, offsetof(struct request, head));
    request->loop = loop;
    request->head = head_bytes <= sizeof request->head_inline ? request->head_inline : malloc(head_bytes);
    request->head_bytes = head_bytes;
    reply_init(&request->reply);
    request->state = NULL;
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
    if (request->head != request->head_inline)
        free(request->head);
    free(request->body);
    reply_free(&request->reply);
    request->next = loop->free_requests;
    loop->free_requests = request;
}

enum err request_body_append(struct request *request, const char *bytes, size_t length)
{
    if (request->body_capacity - request->body_bytes < length) {
        size_t capacity = request->body_capacity ? request->body_capacity * 2 : (size_t)request->body_announced;
        if (capacity - request->body_bytes < length)
            capacity = request->body_bytes + length;
        char *body = realloc(request->body, capacity);
        if (!body)
            return ERR_NOMEM;
        request->body = body;
        request->body_capacity = capacity;
    }
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
    if (loop == loop_current())
        loop->on_answered(loop, request);
    else
        loop_post(loop, request);
}

void request_give_up(struct request *request)
{
    request->client = NULL;
    atomic_store_explicit(&request->given_up, true, memory_order_relaxed);
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

void request_list_push(struct request_list *list, struct request *request)
{
    request->next = NULL;
    if (list->last)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
    list->count++;
}

struct request *request_list_pop(struct request_list *list)
{
    struct request *request = list->first;
    if (!request)
        return NULL;
    list->first = request->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    request->next = NULL;
    return request;
}

void request_list_append(struct request_list *list, struct request_list *other)
{
    if (!other->first)
        return;
    if (list->last)
        list->last->next = other->first;
    else
        list->first = other->first;
    list->last = other->last;
    list->count += other->count;
    *other = (struct request_list){0};
}
