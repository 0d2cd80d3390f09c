/* Cache lines: what one thread writes slows down every other thread that uses the same line. */
#ifndef TANDEM_BASE_CACHE_LINE_H
#define TANDEM_BASE_CACHE_LINE_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64 }; /* bytes, on x86-64 and on most 64-bit ARM */

/* Returns zeroed memory for count items that begin at a cache line, for free(3); NULL if memory ran out. An item has
 * its lines for itself if its type is aligned with _Alignas(CACHE_LINE). */
static inline void *cache_line_calloc(size_t count, size_t item_bytes)
{
    size_t bytes = (count * item_bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    void *items = aligned_alloc(CACHE_LINE, bytes);
    return items ? memset(items, 0, bytes) : NULL;
}

#endif
