/* The log: each event is one write(2) to stderr, so that events of several threads never mix. An event is one line; as
 * text, a message with line breaks (a traceback) takes several. The output is always valid UTF-8.
 *
 *   text  2026-11-23T18:22:01.123Z INFO  draining: 3 requests in flight
 *   json  {"time":"2026-11-23T18:22:01.123Z","level":"info","message":"draining: 3 requests in flight"}
 */
#ifndef TANDEM_BASE_LOG_H
#define TANDEM_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* MAIN thread, before other threads start. The defaults are info and above, as text. */
void log_configure(enum log_level level, enum log_format format);

/* ANY thread. True if events of this level are written. For arguments that are costly to compute. */
int log_enabled(enum log_level level);

/* ANY thread. Writes the event. A message over 16 KiB is cut there. */
void log_write(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

#endif
