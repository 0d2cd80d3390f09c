/* Letters of ASCII alone. What <ctype.h> and <strings.h> say of them depends on the locale, which an app may set: in a
 * Turkish one "TRANSFER-ENCODING" is not "transfer-encoding". */
#ifndef TANDEM_BASE_ASCII_H
#define TANDEM_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline char ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static inline char ascii_upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* Whether these bytes are the word, whatever the case of their letters. */
static inline bool ascii_equals(const char *bytes, size_t length, const char *word)
{
    if (length != strlen(word)) /* of a literal the compiler knows it */
        return false;
    for (size_t i = 0; i < length; i++)
        if (ascii_lower(bytes[i]) != ascii_lower(word[i]))
            return false;
    return true;
}

#endif
