#include "base/format.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

static locale_t c_locale;

static void open_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    CHECK(c_locale != (locale_t)0); /* the C locale is built in: nothing is read or allocated */
}

int format_list(char *out, size_t size, const char *format, va_list args)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CHECK(pthread_once(&once, open_locale) == 0);
    locale_t before = uselocale(c_locale);
    int length = vsnprintf(out, size, format, args);
    (void)uselocale(before);
    return length;
}

int format_text(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = format_list(out, size, format, args);
    va_end(args);
    return length;
}

size_t format_digits(char out[FORMAT_DIGITS_MAX], uint64_t number)
{
    char digits[FORMAT_DIGITS_MAX];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at;
}
