/* Percent-encoding (RFC 3986, 2.1). */
#ifndef TANDEM_BASE_PERCENT_H
#define TANDEM_BASE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes text[0, length) into out, with a NUL behind it, which length + 1 bytes have room for. False: a broken escape,
 * a NUL byte, or no room. */
bool percent_decode(const char *text, size_t length, bool plus_is_space, char *out, size_t out_bytes);

#endif
