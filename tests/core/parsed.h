/* A configuration parsed from text in the test. */
#ifndef TANDEM_TESTS_PARSED_H
#define TANDEM_TESTS_PARSED_H

#include "config/config.h"

extern struct config config;

/* Both arguments are words separated by spaces: the variables as NAME=value, and the arguments after "tandem". */
enum err parse(const char *environment, const char *arguments);

/* Expects ERR_INVALID and this message. */
void expect_error(const char *environment, const char *arguments, const char *message);

#endif
