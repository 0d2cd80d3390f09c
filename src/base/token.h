/* Tokens: the names of methods and fields (RFC 9110, 5.6.2). */
#ifndef TANDEM_BASE_TOKEN_H
#define TANDEM_BASE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

extern const bool token_bytes[256];

static inline bool token_byte(char c)
{
    return token_bytes[(unsigned char)c];
}

/* Returns how many of the leading bytes are token characters. */
static inline size_t token_length(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length && token_byte(bytes[i]))
        i++;
    return i;
}

#endif
