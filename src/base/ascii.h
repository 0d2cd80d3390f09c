/* Case of ASCII letters only. <ctype.h> and <strings.h> follow the locale, which an app may set: in a Turkish locale
 * "TRANSFER-ENCODING" does not equal "transfer-encoding". */
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

/* True if the bytes equal the word, ignoring case. */
static inline bool ascii_equals(const char *bytes, size_t length, const char *word)
{
    if (length != strlen(word)) /* the compiler computes it if word is a literal */
        return false;
    for (size_t i = 0; i < length; i++)
        if (ascii_lower(bytes[i]) != ascii_lower(word[i]))
            return false;
    return true;
}

#endif
