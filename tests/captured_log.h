/* What goes to stderr, for a test to read: the log's lines. */
#ifndef TANDEM_TESTS_CAPTURED_LOG_H
#define TANDEM_TESTS_CAPTURED_LOG_H

/* From now on stderr goes to a file of its own. */
void captured_log_begin(void);

/* Gives stderr back. What was written meanwhile, valid until the next one. */
const char *captured_log_end(void);

#endif
