/* The log: one line per event on stderr, written with one write(2), so that lines of several threads never mix. UTF-8,
 * whatever the message.
 *
 *   text  2026-11-23T18:22:01.123Z INFO  draining: 3 requests in flight
 *   json  {"time":"2026-11-23T18:22:01.123Z","level":"info","message":"draining: 3 requests in flight"}
 */
#ifndef TANDEM_BASE_LOG_H
#define TANDEM_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* Before other threads start. Until then: info and above, as text. */
void log_configure(enum log_level level, enum log_format format);

/* ANY thread. Whether a line of this level would be written: ask before costly arguments. */
int log_enabled(enum log_level level);

/* ANY thread. Writes the line; a message over 16 KiB is cut there. */
void log_write(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

#endif
