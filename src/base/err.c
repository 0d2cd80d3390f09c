#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char message[ERR_MESSAGE_BYTES];

enum err err_fail(enum err code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return code;
}

const char *err_message(void)
{
    return message;
}
