/* Captures stderr, so that a test can read the log's lines. */
#ifndef TANDEM_TESTS_CAPTURED_LOG_H
#define TANDEM_TESTS_CAPTURED_LOG_H

/* Redirects stderr to a file in memory. */
void captured_log_begin(void);

/* Restores stderr. Returns the text written since captured_log_begin, valid until the next call. */
const char *captured_log_end(void);

#endif
