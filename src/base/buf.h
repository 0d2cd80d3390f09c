/* A growable byte buffer. Zeroed memory is an empty buffer. One thread at a time. */
#ifndef TANDEM_BASE_BUF_H
#define TANDEM_BASE_BUF_H

#include <stddef.h>

#include "base/err.h"

struct buf {
    char *bytes;
    size_t length;
    size_t capacity;
};

/* Makes room for at least more bytes after length. ERR_NOMEM leaves the buffer as it was. */
WARN_UNUSED enum err buf_reserve(struct buf *buf, size_t more);

/* Appends a copy. ERR_NOMEM leaves the buffer as it was. */
WARN_UNUSED enum err buf_append(struct buf *buf, const void *bytes, size_t length);

/* Drops the first length bytes. */
void buf_consume(struct buf *buf, size_t length);

/* Frees the bytes; the buffer is empty and usable again. */
void buf_free(struct buf *buf);

#endif
