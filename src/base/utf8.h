/* UTF-8 (RFC 3629): checks and repairs text that came from outside. */
#ifndef TANDEM_BASE_UTF8_H
#define TANDEM_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True if the length bytes are UTF-8. A NUL must follow them. */
bool utf8_is_valid(const char *text, size_t length);

/* Replaces each byte of the string that is not part of a UTF-8 character by '?'. */
void utf8_repair(char *text);

#endif
