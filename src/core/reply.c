#include "core/reply.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/utf8.h"
#include "core/stream.h"

const char *const refusal_names[REFUSAL_COUNT] = {
    [REFUSED_MALFORMED] = "malformed",
    [REFUSED_HEADER_TIMEOUT] = "header_timeout",
    [REFUSED_BODY_TIMEOUT] = "body_timeout",
    [REFUSED_BODY_TOO_LARGE] = "body_too_large",
    [REFUSED_HEADER_TOO_LARGE] = "header_too_large",
    [REFUSED_QUEUE_FULL] = "queue_full",
    [REFUSED_HANDLER_TIMEOUT] = "handler_timeout",
    [REFUSED_HANDLER_ERROR] = "handler_error",
    [REFUSED_UNSUPPORTED] = "unsupported",
    [REFUSED_WRITE_TIMEOUT] = "write_timeout",
};

static const char out_of_memory[] = "{\"error\":\"out of memory\"}";

void reply_init(struct reply *reply)
{
    reply->status = 0;
    reply->refusal = REFUSED_NOT;
    reply->type = NULL;
    reply->fields = (struct fields){0};
    reply->length = REPLY_LENGTH_OPEN;
    reply->body = "";
    reply->body_bytes = 0;
    reply->stream = NULL;
    reply->file = -1;
    reply->owned = NULL;
    reply->release = NULL;
    reply->owned_type = NULL;
}

void reply_borrow(struct reply *reply, unsigned status, const char *type, const char *body, size_t body_bytes)
{
    reply_free(reply);
    reply->status = status;
    reply->type = type;
    reply->body = body;
    reply->body_bytes = body_bytes;
}

void reply_take(struct reply *reply, unsigned status, const char *type, char *body, size_t body_bytes)
{
    reply_take_with(reply, status, type, body, body_bytes, NULL, body);
}

void reply_take_with(struct reply *reply, unsigned status, const char *type, const char *body, size_t body_bytes,
                     void (*release)(void *owned), void *owned)
{
    reply_borrow(reply, status, type, body, body_bytes);
    reply->owned = owned;
    reply->release = release;
}

void reply_stream(struct reply *reply, unsigned status, const char *type, struct stream *stream)
{
    reply_borrow(reply, status, type, "", 0);
    reply->stream = stream;
}

void reply_file(struct reply *reply, unsigned status, int file, uint64_t at, uint64_t length)
{
    reply_borrow(reply, status, NULL, "", 0);
    reply->file = file;
    reply->file_at = at;
    reply->length = length;
    reply->body_bytes = length;
}

static void become_out_of_memory(struct reply *reply)
{
    reply_borrow(reply, 500, TYPE_JSON, out_of_memory, sizeof out_of_memory - 1);
    reply->refusal = REFUSED_HANDLER_ERROR;
}

void reply_copy(struct reply *reply, unsigned status, const char *type, const void *body, size_t body_bytes)
{
    reply_free(reply);
    char *copy = body_bytes <= sizeof reply->small ? reply->small : malloc(body_bytes);
    if (!copy) {
        become_out_of_memory(reply);
        return;
    }
    if (body_bytes)
        memcpy(copy, body, body_bytes);
    reply_borrow(reply, status, type, copy, body_bytes);
    reply->owned = copy == reply->small ? NULL : copy;
}

void reply_copy_type(struct reply *reply, const char *type, size_t type_bytes)
{
    char *copy = type_bytes < sizeof reply->small_type ? reply->small_type : malloc(type_bytes + 1);
    if (!copy) {
        become_out_of_memory(reply);
        return;
    }
    memcpy(copy, type, type_bytes);
    copy[type_bytes] = '\0';
    free(reply->owned_type);
    reply->type = copy;
    reply->owned_type = copy == reply->small_type ? NULL : copy;
}

void reply_add_field(struct reply *reply, const char *name, const char *value)
{
    enum err err = fields_add(&reply->fields, name, strlen(name), value, strlen(value));
    CHECK(err != ERR_INVALID);
    if (err)
        become_out_of_memory(reply);
}

void reply_error(struct reply *reply, unsigned status, enum refusal refusal, const char *format, ...)
{
    char sentence[401];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    utf8_repair(sentence); /* the sentence may quote outside input, and may have been cut */

    json_t *object = json_pack("{s:s%}", "error", sentence, strlen(sentence));
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (text)
        reply_take(reply, status, TYPE_JSON, text, strlen(text));
    else
        reply_borrow(reply, status, TYPE_JSON, out_of_memory, sizeof out_of_memory - 1);
    reply->refusal = refusal;
}

void reply_free(struct reply *reply)
{
    if (reply->stream)
        reply->stream->ops->close(reply->stream);
    if (reply->file >= 0)
        close(reply->file);
    if (reply->release)
        reply->release(reply->owned);
    else
        free(reply->owned);
    free(reply->owned_type);
    fields_free(&reply->fields);
    reply_init(reply);
}
