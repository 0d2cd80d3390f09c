/* Numbers as text, always with a decimal point. printf follows the locale of the process, which an app may set, and
 * machines cannot read a decimal comma. */
#ifndef TANDEM_BASE_FORMAT_H
#define TANDEM_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* ANY thread. Like snprintf and vsnprintf, but in the C locale. */
int format_text(char *out, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
int format_list(char *out, size_t size, const char *format, va_list args) PRINTF_LIKE(3, 0);

/* ANY thread. Writes the decimal digits of number, without a terminating NUL. Returns how many. For hot paths, where
 * printf would dominate. */
enum { FORMAT_DIGITS_MAX = 20 };
size_t format_digits(char out[FORMAT_DIGITS_MAX], uint64_t number);

#endif
