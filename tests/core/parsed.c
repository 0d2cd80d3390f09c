#include "core/parsed.h"

#include "assertions.h"
#include <string.h>

struct config config;

enum { WORDS_MAX = 32 };

/* Splits text at spaces. words stays valid until the next call for the same slot. */
static int split(unsigned slot, const char *text, char *words[WORDS_MAX + 1])
{
    static char copies[2][1024];
    int count = 0;
    ck_assert_uint_lt(strlen(text), sizeof copies[0]);
    strcpy(copies[slot], text);
    for (char *at = NULL, *word = strtok_r(copies[slot], " ", &at); word; word = strtok_r(NULL, " ", &at))
        words[count++] = word;
    words[count] = NULL;
    return count;
}

enum err parse(const char *environment, const char *arguments)
{
    char *variables[WORDS_MAX + 1], *words[WORDS_MAX + 1];
    char line[512];
    split(0, environment, variables);
    snprintf(line, sizeof line, "tandem %s", arguments);
    return config_parse(&config, split(1, line, words), words, variables);
}

void expect_error(const char *environment, const char *arguments, const char *message)
{
    ck_assert_msg(parse(environment, arguments) == ERR_INVALID, "%s %s", environment, arguments);
    ck_assert_str_eq(err_message(), message);
}
