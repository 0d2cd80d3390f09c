/* Percent-encoding (RFC 3986, 2.1). */
#ifndef TANDEM_BASE_PERCENT_H
#define TANDEM_BASE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes text[0, length) into out, and terminates it with a NUL. An out of length + 1 bytes is always large enough.
 * False: a broken escape, an escaped NUL (%00), or out is too small. */
bool percent_decode(const char *text, size_t length, bool plus_is_space, char *out, size_t out_bytes);

#endif
