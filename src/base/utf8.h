/* UTF-8 (RFC 3629), of text that came from outside. */
#ifndef TANDEM_BASE_UTF8_H
#define TANDEM_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Whether length bytes are UTF-8; a NUL is behind them. */
bool utf8_is_valid(const char *text, size_t length);

/* Puts '?' in the place of each byte of the string that is no part of a UTF-8 character. */
void utf8_repair(char *text);

#endif
