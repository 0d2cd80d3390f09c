#include "stream/ws_message.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct ws_message *ws_message_new(bool text, struct buf *body)
{
    struct ws_message *message = calloc(1, sizeof *message);
    if (!message)
        return NULL;
    message->text = text;
    message->body = *body;
    *body = (struct buf){0};
    return message;
}

void ws_message_free(struct ws_message *message)
{
    if (!message)
        return;
    buf_free(&message->body);
    free(message);
}

struct closing closing_of(unsigned code, const char *reason, size_t reason_bytes)
{
    struct closing closing = {.code = code, .reason_bytes = reason_bytes};
    CHECK(code && reason_bytes <= sizeof closing.reason);
    if (reason_bytes)
        memcpy(closing.reason, reason, reason_bytes);
    return closing;
}

bool closing_is_valid_code(unsigned code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
