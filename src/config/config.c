#include "config/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/options.h"

struct unit {
    const char *suffix;
    uint64_t factor;
};

static const struct unit size_units[] = {{"", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}, {NULL, 0}};
static const struct unit duration_units[] = {{"ms", NS_PER_MS}, {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

/* Parses the whole number at *at, and moves *at past it. False: there is none, or it is 2^64 or more. */
static bool parse_number(const char **at, uint64_t *out)
{
    const char *begin = *at;
    uint64_t value = 0;
    for (; isdigit((unsigned char)**at); ++*at)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (uint64_t)(**at - '0'), &value))
            return false;
    *out = value;
    return *at > begin;
}

/* Parses a whole number followed by one of the units. False: text is anything else, or the value is 2^64 or more. */
static bool parse_quantity(const char *text, const struct unit *units, uint64_t *out)
{
    const char *at = text;
    uint64_t value;
    if (!parse_number(&at, &value))
        return false;
    for (; units->suffix; units++)
        if (strcmp(at, units->suffix) == 0)
            return !__builtin_mul_overflow(value, units->factor, out);
    return false;
}

/* An option's range, as values and as text for the error. */
struct range {
    uint64_t low, high;
    char low_text[32];
    const char *high_text;
};

static struct range range_of(const struct option *option, const struct unit *units)
{
    struct range range;
    const char *space = strchr(option->range, ' ');
    CHECK(space && (size_t)(space - option->range) < sizeof range.low_text);
    memcpy(range.low_text, option->range, (size_t)(space - option->range));
    range.low_text[space - option->range] = '\0';
    range.high_text = space + 1;
    CHECK(parse_quantity(range.low_text, units, &range.low) && parse_quantity(range.high_text, units, &range.high));
    return range;
}

static enum err set_quantity(const struct option *option, const char *named, const char *text, uint64_t *out)
{
    static const char *const shapes[] = {[NUMBER] = "a whole number",
                                         [NUMBER_OR_NONE] = "none, or a whole number,",
                                         [SIZE] = "a size such as 512, 16KiB or 1MiB",
                                         [DURATION] = "a duration such as 500ms, 10s or 2m"};
    const struct unit *units = option->kind == SIZE ? size_units : option->kind == DURATION ? duration_units : no_units;
    struct range range = range_of(option, units);
    uint64_t value;
    if (!parse_quantity(text, units, &value) || value < range.low || value > range.high)
        return err_fail(ERR_INVALID, "%s: '%s' is not %s from %s to %s", named, text, shapes[option->kind],
                        range.low_text, range.high_text);
    *out = value;
    return ERR_OK;
}

static enum err set_three(const struct option *option, const char *named, const char *text, uint64_t out[3])
{
    struct range range = range_of(option, no_units);
    uint64_t values[3];
    const char *at = text;
    for (unsigned i = 0; i < 3; i++)
        if (!parse_number(&at, &values[i]) || values[i] < range.low || values[i] > range.high ||
            *at++ != (i < 2 ? ',' : '\0'))
            return err_fail(ERR_INVALID, "%s: '%s' is not three whole numbers from %s to %s, such as %s", named, text,
                            range.low_text, range.high_text, option->fallback);
    memcpy(out, values, sizeof values);
    return ERR_OK;
}

static enum err set_choice(const struct option *option, const char *named, const char *text, uint64_t *out)
{
    size_t length = strlen(text);
    uint64_t index = 0;
    for (const char *word = option->range; *word; index++) {
        size_t word_length = strcspn(word, " ");
        if (word_length == length && memcmp(word, text, length) == 0) {
            *out = index;
            return ERR_OK;
        }
        word += word_length + (word[word_length] == ' ');
    }
    return err_fail(ERR_INVALID, "%s: '%s' is none of: %s", named, text, option->range);
}

static enum err set_app(const char *named, const char *text, const char **out)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon == text || !colon[1] || strchr(colon + 1, ':'))
        return err_fail(ERR_INVALID,
                        "%s: '%s' is not MODULE:ATTRIBUTE, such as main:app; tandem --help lists the options", named,
                        text);
    *out = text;
    return ERR_OK;
}

static enum err set_prefix(const char *named, const char *text, const char **out)
{
    size_t length = strlen(text);
    bool plain = strcspn(text, "%?# ") == length;
    bool right =
        strcmp(text, "/") == 0 || (length > 1 && length <= 64 && text[0] == '/' && text[length - 1] != '/' && plain);
    if (!right && strcmp(text, "off") != 0)
        return err_fail(
            ERR_INVALID,
            "%s: '%s' is not off, /, or a path of at most 64 bytes such as /_tandem, without a final /, %%, ? or #",
            named, text);
    *out = text;
    return ERR_OK;
}

static enum err set_flag(const char *named, const char *text, bool *out)
{
    bool yes = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "0") != 0 && strcmp(text, "false") != 0)
        return err_fail(ERR_INVALID, "%s: '%s' is none of: 1 true 0 false", named, text);
    *out = yes;
    return ERR_OK;
}

/* Sets an option from text. named: the option or the variable, for the error. */
static enum err set(struct config *config, const struct option *option, const char *named, const char *text)
{
    void *field = (char *)config + option->offset;
    config->texts[option - options] = text;
    switch (option->kind) {
    case TEXT:
        if (!*text)
            return err_fail(ERR_INVALID, "%s: must not be empty", named);
        *(const char **)field = text;
        return ERR_OK;
    case APP:
        return set_app(named, text, field);
    case PREFIX_OR_OFF:
        return set_prefix(named, text, field);
    case CHOICE:
        return set_choice(option, named, text, field);
    case FLAG:
        return set_flag(named, text, field);
    case NUMBER_OR_NONE:
        if (strcmp(text, "none") != 0)
            return set_quantity(option, named, text, field);
        *(uint64_t *)field = CONFIG_NONE;
        return ERR_OK;
    case THREE_NUMBERS:
        return set_three(option, named, text, field);
    default:
        return set_quantity(option, named, text, field);
    }
}

/* True if the first length bytes are the name of an option's variable. */
static bool is_variable(const char *bytes, size_t length)
{
    for (const struct option *option = options; option->name; option++) {
        char name[OPTION_VARIABLE_BYTES];
        option_variable(option, name);
        if (option_is_known(option) && strlen(name) == length && memcmp(name, bytes, length) == 0)
            return true;
    }
    return false;
}

static enum err parse_environment(struct config *config, char *const environment[])
{
    for (const struct option *option = options; option->name; option++) {
        if (!option_is_known(option))
            continue;
        char name[OPTION_VARIABLE_BYTES];
        option_variable(option, name);
        size_t length = strlen(name);
        for (char *const *entry = environment; *entry; entry++) {
            if (strncmp(*entry, name, length) != 0 || (*entry)[length] != '=')
                continue;
            enum err err = set(config, option, name, *entry + length + 1);
            if (err)
                return err;
        }
    }
    return ERR_OK;
}

/* Returns the option whose name is the first length bytes of name, NULL if there is none. */
static const struct option *find_option(const char *name, size_t length)
{
    for (const struct option *option = options; option->name; option++)
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0 && option_is_known(option))
            return option;
    return NULL;
}

/* Returns the option that shares the longest beginning with name, if that is three characters or more; else NULL. name
 * is written as an option's or as a variable's. */
static const struct option *nearest_option(const char *name)
{
    const struct option *nearest = NULL;
    size_t longest = 2;
    for (const struct option *option = options; option->name; option++) {
        size_t same = 0;
        while (option->name[same] && option->name[same] == (name[same] == '_' ? '-' : ascii_lower(name[same])))
            same++;
        if (same > longest && option_is_known(option)) {
            longest = same;
            nearest = option;
        }
    }
    return nearest;
}

static enum err unknown_option(const char *argument)
{
    const struct option *nearest = nearest_option(argument + 2);
    if (nearest)
        return err_fail(ERR_INVALID, "unknown option %s; did you mean --%s?", argument, nearest->name);
    return err_fail(ERR_INVALID, "unknown option %s; tandem --help lists the options", argument);
}

/* Takes an argument that is not an option: APP, once. It wins over APP from the environment. */
static enum err take_argument(struct config *config, const char *argument, bool *seen)
{
    if (*argument == '-')
        return err_fail(ERR_INVALID, "unexpected argument '%s'; tandem --help lists the options", argument);
    if (*seen)
        return err_fail(ERR_INVALID, "unexpected argument '%s': there is one APP, and it is '%s'", argument,
                        config->app);
    *seen = true;
    return set(config, find_option("app", strlen("app")), "APP", argument);
}

static enum err parse_arguments(struct config *config, int argc, char *const argv[])
{
    bool app_seen = false;
    for (int i = 1; i < argc; i++) {
        const char *argument = strcmp(argv[i], "-h") == 0 ? "--help" : argv[i];
        if (strncmp(argument, "--", 2) != 0) {
            enum err err = take_argument(config, argument, &app_seen);
            if (err)
                return err;
            continue;
        }
        size_t length = strcspn(argument + 2, "=");
        const struct option *option = find_option(argument + 2, length);
        if (!option)
            return unknown_option(argument);
        char named[48];
        (void)snprintf(named, sizeof named, "--%s", option->name);
        const char *text = argument[2 + length] == '=' ? argument + 2 + length + 1 : NULL;
        if (!text && option->kind == FLAG)
            text = "1";
        if (!text && i + 1 < argc)
            text = argv[++i];
        if (!text)
            return err_fail(ERR_INVALID, "%s: needs a value: %s", named, option->value);
        enum err err = set(config, option, named, text);
        if (err)
            return err;
    }
    return ERR_OK;
}

enum err config_parse(struct config *config, int argc, char *const argv[], char *const environment[])
{
    *config = (struct config){0};
    for (const struct option *option = options; option->name; option++)
        CHECK(!option->fallback || set(config, option, option->name, option->fallback) == ERR_OK);
    enum err err = parse_environment(config, environment);
    return err ? err : parse_arguments(config, argc, argv);
}

void config_warn_of_unknown(char *const environment[])
{
    for (char *const *entry = environment; *entry; entry++) {
        size_t length = strcspn(*entry, "=");
        if (strncmp(*entry, OPTION_VARIABLE_PREFIX, strlen(OPTION_VARIABLE_PREFIX)) != 0 || is_variable(*entry, length))
            continue;
        const struct option *nearest = nearest_option(*entry + strlen(OPTION_VARIABLE_PREFIX));
        char name[OPTION_VARIABLE_BYTES];
        if (nearest)
            option_variable(nearest, name);
        log_warn("%.*s is not the variable of an option, and is ignored%s%s%s", (int)length, *entry,
                 nearest ? "; did you mean " : "", nearest ? name : "", nearest ? "?" : "");
    }
}
