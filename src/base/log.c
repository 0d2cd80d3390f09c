#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/format.h"
#include "base/utf8.h"

enum { MESSAGE_BYTES = 16 * 1024, LINE_BYTES = 6 * MESSAGE_BYTES + 128 };

static enum log_level threshold = LOG_INFO;
static enum log_format line_format = LOG_TEXT;

void log_configure(enum log_level level, enum log_format format)
{
    threshold = level;
    line_format = format;
    tzset(); /* strftime would call it later, and change the time zone names while Python's start reads them */
}

int log_enabled(enum log_level level)
{
    return level <= threshold;
}

/* Writes the time in UTC as in RFC 3339, with milliseconds. */
static void timestamp(char out[32])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t length = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(out + length, 32 - length, ".%03ldZ", now.tv_nsec / 1000000);
}

/* Writes text as the contents of a JSON string (RFC 8259, 7); no NUL. Returns the length. out has room for six bytes
 * per byte of text. */
static size_t escape_json(char *out, const char *text)
{
    char *at = out;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = (char)c;
        } else if (c < 0x20) {
            at += sprintf(at, "\\u%04x", c);
        } else {
            *at++ = (char)c;
        }
    }
    return (size_t)(at - out);
}

void log_write(enum log_level level, const char *format, ...)
{
    static const char *const text_names[] = {"ERROR", "WARN ", "INFO ", "DEBUG"};
    static const char *const json_names[] = {"error", "warn", "info", "debug"};
    static _Thread_local char message[MESSAGE_BYTES + 1];
    static _Thread_local char line[LINE_BYTES];

    if (!log_enabled(level))
        return;
    va_list args;
    va_start(args, format);
    (void)format_list(message, sizeof message, format, args);
    va_end(args);
    utf8_repair(message);

    char now[32];
    timestamp(now);
    int length;
    if (line_format == LOG_JSON) {
        length = sprintf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"", now, json_names[level]);
        length += (int)escape_json(line + length, message);
        length += sprintf(line + length, "\"}\n");
    } else {
        length = sprintf(line, "%s %s %s\n", now, text_names[level], message);
    }
    /* A failed write is ignored: there is nowhere to report it. */
    ssize_t written = write(STDERR_FILENO, line, (size_t)length);
    (void)written;
}
