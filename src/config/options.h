/* The table of the options. For config.c and text.c only. */
#ifndef TANDEM_CONFIG_OPTIONS_H
#define TANDEM_CONFIG_OPTIONS_H

#include "config/config.h"

enum option_kind { TEXT, APP, PREFIX_OR_OFF, NUMBER, NUMBER_OR_NONE, THREE_NUMBERS, SIZE, DURATION, CHOICE, FLAG };

struct option {
    const char *name;
    enum option_kind kind;
    size_t offset;        /* in struct config: const char *, uint64_t, three of them, or bool */
    const char *fallback; /* NULL: none */
    const char *range;    /* "LOW HIGH" in the option's own units; for CHOICE, the words in order of their values */
    const char *value;    /* the value's name in --help */
    const char *help;     /* NULL: only a test build knows the option, and nothing lists it */
};

/* True if this build takes the option. */
static inline bool option_is_known(const struct option *option)
{
    return TANDEM_TEST_SETTINGS || option->help;
}

/* An option without a name ends the table. */
extern const struct option options[];

/* Writes the name of the option's environment variable: TANDEM_QUEUE_LIMIT for queue-limit. */
#define OPTION_VARIABLE_PREFIX "TANDEM_"
enum { OPTION_VARIABLE_BYTES = 48 };
void option_variable(const struct option *option, char out[OPTION_VARIABLE_BYTES]);

#endif
