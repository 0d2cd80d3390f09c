#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum err buf_reserve(struct buf *buf, size_t more)
{
    if (buf->capacity - buf->length >= more)
        return ERR_OK;
    size_t needed, capacity = buf->capacity ? buf->capacity : 256;
    if (__builtin_add_overflow(buf->length, more, &needed) || needed > SIZE_MAX / 2)
        return ERR_NOMEM;
    while (capacity < needed)
        capacity *= 2;
    char *bytes = realloc(buf->bytes, capacity);
    if (!bytes)
        return ERR_NOMEM;
    buf->bytes = bytes;
    buf->capacity = capacity;
    return ERR_OK;
}

enum err buf_append(struct buf *buf, const void *bytes, size_t length)
{
    enum err err = buf_reserve(buf, length);
    if (err)
        return err;
    if (length)
        memcpy(buf->bytes + buf->length, bytes, length);
    buf->length += length;
    return ERR_OK;
}

void buf_consume(struct buf *buf, size_t length)
{
    CHECK(length <= buf->length);
    buf->length -= length;
    if (length && buf->length)
        memmove(buf->bytes, buf->bytes + length, buf->length);
}

void buf_free(struct buf *buf)
{
    free(buf->bytes);
    *buf = (struct buf){0};
}
