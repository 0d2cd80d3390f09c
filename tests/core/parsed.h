/* A configuration parsed from what a test writes as text. */
#ifndef TANDEM_TESTS_PARSED_H
#define TANDEM_TESTS_PARSED_H

#include "core/config.h"

extern struct config config;

/* Both are words with spaces between them: NAME=value, and what stands behind "tandem". */
enum err parse(const char *environment, const char *arguments);

/* ERR_INVALID and this message. */
void expect_error(const char *environment, const char *arguments, const char *message);

#endif
