/* Tokens: the names of methods and fields (RFC 9110, 5.6.2). */
#ifndef TANDEM_BASE_TOKEN_H
#define TANDEM_BASE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

bool token_byte(char c);

/* How many of the bytes, from the first on, are a token's. */
size_t token_length(const char *bytes, size_t length);

#endif
