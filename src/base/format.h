/* Numbers as text, with a decimal point: printf follows the locale of the process, which an app may set, and a comma is
 * not for machines to read. */
#ifndef TANDEM_BASE_FORMAT_H
#define TANDEM_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* ANY thread. As snprintf and vsnprintf, in the C locale. */
int format_text(char *out, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
int format_list(char *out, size_t size, const char *format, va_list args) PRINTF_LIKE(3, 0);

/* ANY thread. Its decimal digits, and no end of a string: for where printf would take longer than all the rest. Returns
 * how many. */
enum { FORMAT_DIGITS_MAX = 20 };
size_t format_digits(char out[FORMAT_DIGITS_MAX], uint64_t number);

#endif
