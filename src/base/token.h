/* Tokens, which are the names of methods and fields (RFC 9110, 5.6.2), and the values of fields. */
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

/* True if the bytes may be a field's value (RFC 9110, 5.5): none is a control character, but for the tab. The loop has
 * no early exit, so that the compiler makes it one over vectors. */
static inline bool field_value_is_valid(const char *value, size_t length)
{
    unsigned char invalid = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        invalid |= (unsigned char)(((c < 0x20) & (c != '\t')) | (c == 0x7f));
    }
    return !invalid;
}

#endif
