#include "core/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"

enum kind { TEXT, NUMBER, NUMBER_OR_NONE, SIZE, DURATION, CHOICE, FLAG };

struct unit {
    const char *suffix;
    uint64_t factor;
};

static const struct unit size_units[] = {{"", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}, {NULL, 0}};
static const struct unit duration_units[] = {{"ms", NS_PER_MS}, {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

struct option {
    const char *name;
    enum kind kind;
    size_t offset;        /* in struct config: const char *, uint64_t or bool */
    const char *fallback; /* NULL: none */
    const char *range;    /* "LOW HIGH" in the option's own units; for CHOICE, the words in order of their values */
    const char *value;    /* its name in --help */
    const char *help;
};

#define AT(field) offsetof(struct config, field)
#define MODE_HELP                                                                                                      \
    "one model, an alias (libuv = uv-loop, python = py-threads),\n"                                                    \
    "compare (every model), or compare:MODEL,MODEL…"

static const struct option options[] = {
    {"mode", TEXT, AT(mode), "compare", NULL, "MODE", MODE_HELP},
    {"host", TEXT, AT(host), "127.0.0.1", NULL, "HOST", "address or name to listen on"},
    {"port", NUMBER, AT(port), "8080", "0 65535", "PORT", "port to listen on; 0 takes a free one"},
    {"loops", NUMBER, AT(loops), "1", "1 64", "N",
     "event loops, each on a thread of its own; they share the connections"},
    {"threads", NUMBER, AT(threads), "4", "1 64", "N", "Python threads, and the size of libuv's pool"},
    {"queue-limit", NUMBER, AT(queue_limit), "1024", "1 1000000", "N",
     "requests waiting per model; the next one is answered 503"},
    {"asyncio-loop", CHOICE, AT(asyncio_loop), "auto", "auto asyncio uvloop", "LOOP",
     "py-asyncio's event loop: asyncio, uvloop, or auto: uvloop where it is installed"},
    {"venv", TEXT, AT(venv), NULL, NULL, "DIR", "virtual environment whose packages Python sees"},
    {"max-connections", NUMBER, AT(max_connections), "10000", "1 1000000", "N",
     "open connections of all loops; further ones wait to be accepted"},
    {"max-body", SIZE, AT(max_body_bytes), "1MiB", "0 1024MiB", "SIZE", "a larger request body is answered 413"},
    {"max-header", SIZE, AT(max_header_bytes), "16KiB", "256 1MiB", "SIZE", "a larger request head is answered 431"},
    {"header-timeout", DURATION, AT(header_timeout_ns), "10s", "1ms 1440m", "TIME",
     "a request head not whole by then is answered 408"},
    {"request-timeout", DURATION, AT(request_timeout_ns), "30s", "1ms 1440m", "TIME",
     "a body not whole by then is answered 408, a handler not done by then 504"},
    {"keep-alive", DURATION, AT(keep_alive_ns), "75s", "1ms 1440m", "TIME", "an idle connection is closed after that"},
    {"drain-timeout", DURATION, AT(drain_timeout_ns), "10s", "1ms 1440m", "TIME",
     "how long a stopping server waits for what is in flight"},
    {"admin", NUMBER_OR_NONE, AT(admin), "none", "0 65535", "PORT",
     "a port for /stats, /metrics, /livez and the like alone, on a thread of their own;\n0 takes a free one"},
    {"log-level", CHOICE, AT(log_level), "info", "error warn info debug", "LEVEL", "error, warn, info or debug"},
    {"log-format", CHOICE, AT(log_format), "text", "text json", "FORMAT", "text or json"},
    {"access-log", FLAG, AT(access_log), "0", NULL, NULL, "log a line for every response"},
    {"server-timing", FLAG, AT(server_timing), "0", NULL, NULL,
     "say in a header of each workload's response where its time went"},
    {"check-config", FLAG, AT(check_config), "0", NULL, NULL, "check the options and exit"},
    {"healthcheck", FLAG, AT(healthcheck), "0", NULL, NULL,
     "ask the server that runs with these options whether it is ready, and exit: 0 if so, else 1"},
    {"print-config", FLAG, AT(print_config), "0", NULL, NULL, "print the options as environment variables and exit"},
    {"version", FLAG, AT(version), "0", NULL, NULL, "print the version and those of the libraries, and exit"},
    {"help", FLAG, AT(help), "0", NULL, NULL, "print this and exit"},
};

enum { OPTION_COUNT = sizeof options / sizeof options[0] };
_Static_assert((int)OPTION_COUNT <= (int)CONFIG_OPTIONS_MAX, "struct config holds the text of each option");

/* A whole number with one of the units behind it. False where text is anything else, or over 2^64. */
static bool parse_quantity(const char *text, const struct unit *units, uint64_t *out)
{
    const char *at = text;
    uint64_t value = 0;
    for (; isdigit((unsigned char)*at); at++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return false;
    if (at == text)
        return false;
    for (; units->suffix; units++)
        if (strcmp(at, units->suffix) == 0)
            return !__builtin_mul_overflow(value, units->factor, out);
    return false;
}

static enum err set_quantity(const struct option *option, const char *named, const char *text, uint64_t *out)
{
    static const char *const shapes[] = {[NUMBER] = "a whole number",
                                         [NUMBER_OR_NONE] = "none, or a whole number,",
                                         [SIZE] = "a size such as 512, 16KiB or 1MiB",
                                         [DURATION] = "a duration such as 500ms, 10s or 2m"};
    const struct unit *units = option->kind == SIZE ? size_units : option->kind == DURATION ? duration_units : no_units;
    char low_text[32];
    const char *space = strchr(option->range, ' ');
    CHECK(space && (size_t)(space - option->range) < sizeof low_text);
    memcpy(low_text, option->range, (size_t)(space - option->range));
    low_text[space - option->range] = '\0';
    uint64_t low, high, value;
    CHECK(parse_quantity(low_text, units, &low) && parse_quantity(space + 1, units, &high));

    if (!parse_quantity(text, units, &value) || value < low || value > high)
        return err_fail(ERR_INVALID, "%s: '%s' is not %s from %s to %s", named, text, shapes[option->kind], low_text,
                        space + 1);
    *out = value;
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

static enum err set_flag(const char *named, const char *text, bool *out)
{
    bool yes = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "0") != 0 && strcmp(text, "false") != 0)
        return err_fail(ERR_INVALID, "%s: '%s' is none of: 1 true 0 false", named, text);
    *out = yes;
    return ERR_OK;
}

/* named: the option or the variable, for the error. */
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
    case CHOICE:
        return set_choice(option, named, text, field);
    case FLAG:
        return set_flag(named, text, field);
    case NUMBER_OR_NONE:
        if (strcmp(text, "none") != 0)
            return set_quantity(option, named, text, field);
        *(uint64_t *)field = CONFIG_NONE;
        return ERR_OK;
    default:
        return set_quantity(option, named, text, field);
    }
}

static void variable_name(const struct option *option, char out[48])
{
    int length = snprintf(out, 48, "TANDEM_%s", option->name);
    CHECK(length < 48);
    for (char *at = out; *at; at++)
        *at = (char)(*at == '-' ? '_' : toupper((unsigned char)*at));
}

static enum err parse_environment(struct config *config, char *const environment[])
{
    for (const struct option *option = options; option < options + OPTION_COUNT; option++) {
        char name[48];
        variable_name(option, name);
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

/* The option whose name is the first length bytes of name. */
static const struct option *find_option(const char *name, size_t length)
{
    for (const struct option *option = options; option < options + OPTION_COUNT; option++)
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

static enum err unknown_option(const char *argument)
{
    /* The option that shares the longest beginning, if that is three letters or more. */
    const char *nearest = NULL;
    size_t longest = 2;
    for (const struct option *option = options; option < options + OPTION_COUNT; option++) {
        size_t same = 0;
        while (option->name[same] && option->name[same] == argument[2 + same])
            same++;
        if (same > longest) {
            longest = same;
            nearest = option->name;
        }
    }
    if (nearest)
        return err_fail(ERR_INVALID, "unknown option %s; did you mean --%s?", argument, nearest);
    return err_fail(ERR_INVALID, "unknown option %s; tandem --help lists the options", argument);
}

static enum err parse_arguments(struct config *config, int argc, char *const argv[])
{
    for (int i = 1; i < argc; i++) {
        const char *argument = argv[i];
        if (strncmp(argument, "--", 2) != 0)
            return err_fail(ERR_INVALID, "unexpected argument '%s'; tandem --help lists the options", argument);
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
    for (const struct option *option = options; option < options + OPTION_COUNT; option++)
        CHECK(!option->fallback || set(config, option, option->name, option->fallback) == ERR_OK);
    enum err err = parse_environment(config, environment);
    return err ? err : parse_arguments(config, argc, argv);
}

void config_print(const struct config *config, FILE *out)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (options[i].offset >= AT(check_config) && options[i].kind == FLAG)
            continue; /* what to do, not how to serve */
        if (!config->texts[i])
            continue;
        char name[48];
        variable_name(&options[i], name);
        fprintf(out, "%s=%s\n", name, config->texts[i]);
    }
}

void config_help(FILE *out)
{
    fputs("usage: tandem [OPTIONS]\n\n"
          "Serves the same workloads through several concurrency models of CPython and of libuv, so that they can be\n"
          "compared. Every option is an environment variable too (--queue-limit is TANDEM_QUEUE_LIMIT); the command\n"
          "line wins. Times take ms, s or m; sizes take KiB or MiB.\n\n",
          out);
    for (const struct option *option = options; option < options + OPTION_COUNT; option++) {
        int width =
            fprintf(out, "  --%s%s%s", option->name, option->value ? " " : "", option->value ? option->value : "");
        fprintf(out, "%*s", width < 26 ? 26 - width : 1, "");
        for (const char *at = option->help; *at; at++) {
            fputc(*at, out);
            if (*at == '\n')
                fprintf(out, "%26s", "");
        }
        if (option->fallback && option->kind != FLAG)
            fprintf(out, " [%s]", option->fallback);
        fputc('\n', out);
    }
}
