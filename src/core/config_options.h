/* The options: one table declares them all. For config.c and config_text.c alone. */
#ifndef TANDEM_CORE_CONFIG_OPTIONS_H
#define TANDEM_CORE_CONFIG_OPTIONS_H

#include "core/config.h"

enum option_kind { TEXT, APP, NUMBER, NUMBER_OR_NONE, SIZE, DURATION, CHOICE, FLAG };

struct option {
    const char *name;
    enum option_kind kind;
    size_t offset;        /* in struct config: const char *, uint64_t or bool */
    const char *fallback; /* NULL: none */
    const char *range;    /* "LOW HIGH" in the option's own units; for CHOICE, the words in order of their values */
    const char *value;    /* its name in --help */
    const char *help;     /* NULL: the option is known to a test build alone, and listed nowhere */
};

/* Whether this build takes the option. */
static inline bool option_is_known(const struct option *option)
{
    return TANDEM_TEST_SETTINGS || option->help;
}

/* The one that names nothing ends it. */
extern const struct option options[];

/* TANDEM_QUEUE_LIMIT of queue-limit. */
enum { OPTION_VARIABLE_BYTES = 48 };
void option_variable(const struct option *option, char out[OPTION_VARIABLE_BYTES]);

#endif
