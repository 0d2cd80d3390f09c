#include "config/config.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/parsed.h"
#include "suite.h"

static void expect_gc_threshold(uint64_t a, uint64_t b, uint64_t c)
{
    ck_assert_uint_eq(config.gc_threshold[0], a);
    ck_assert_uint_eq(config.gc_threshold[1], b);
    ck_assert_uint_eq(config.gc_threshold[2], c);
}

START_TEST(without_options_everything_has_its_default)
{
    ck_assert_int_eq(parse("", ""), ERR_OK);
    ck_assert_str_eq(config.mode, "compare");
    ck_assert_str_eq(config.host, "127.0.0.1");
    ck_assert_uint_eq(config.port, 8080);
    ck_assert_uint_eq(config.loops, 1);
    ck_assert_uint_eq(config.threads, 4);
    ck_assert_uint_eq(config.queue_limit, 1024);
    expect_gc_threshold(10000, 10, 10);
    ck_assert_uint_eq(config.max_connections, 10000);
    ck_assert_uint_eq(config.max_body_bytes, 1 << 20);
    ck_assert_uint_eq(config.max_header_bytes, 16 << 10);
    ck_assert_uint_eq(config.header_timeout_ns, 10 * NS_PER_S);
    ck_assert_uint_eq(config.request_timeout_ns, 30 * NS_PER_S);
    ck_assert_uint_eq(config.keep_alive_ns, 75 * NS_PER_S);
    ck_assert_uint_eq(config.drain_timeout_ns, 10 * NS_PER_S);
    ck_assert_uint_eq(config.websocket_ping_ns, 20 * NS_PER_S);
    ck_assert_uint_eq(config.websocket_close_ns, 5 * NS_PER_S);
    ck_assert_uint_eq(config.linger_ns, 2 * NS_PER_S);
    ck_assert_uint_eq(config.healthcheck_timeout_ns, 5 * NS_PER_S);
    ck_assert_uint_eq(config.stats_stream_ns, NS_PER_S);
    ck_assert(config.admin == CONFIG_NONE);
    ck_assert_uint_eq(config.log_level, LOG_INFO);
    ck_assert_uint_eq(config.log_format, LOG_TEXT);
    ck_assert(!config.access_log && !config.server_timing && !config.reload && !config.check_config &&
              !config.healthcheck && !config.print_config && !config.version && !config.help);
}
END_TEST

START_TEST(a_value_stands_behind_a_space_or_an_equals_sign)
{
    ck_assert_int_eq(parse("", "--mode uv-loop --port=0 --host ::1 --threads=64 --access-log"), ERR_OK);
    ck_assert_str_eq(config.mode, "uv-loop");
    ck_assert_str_eq(config.host, "::1");
    ck_assert_uint_eq(config.port, 0);
    ck_assert_uint_eq(config.threads, 64);
    ck_assert(config.access_log);
    ck_assert_int_eq(parse("", "--mode --port=1"), ERR_OK); /* the next word is the value, whatever it is */
    ck_assert_str_eq(config.mode, "--port=1");
    ck_assert_int_eq(parse("", "--port 1 --port 2"), ERR_OK); /* the last one counts */
    ck_assert_uint_eq(config.port, 2);
}
END_TEST

START_TEST(an_admin_port_is_a_number_or_none)
{
    ck_assert_int_eq(parse("", "--admin 0"), ERR_OK);
    ck_assert_uint_eq(config.admin, 0);
    ck_assert_int_eq(parse("TANDEM_ADMIN=8081", ""), ERR_OK);
    ck_assert_uint_eq(config.admin, 8081);
    ck_assert_int_eq(parse("TANDEM_ADMIN=8081", "--admin=none"), ERR_OK);
    ck_assert(config.admin == CONFIG_NONE);
}
END_TEST

START_TEST(the_thresholds_of_the_garbage_collector_are_three_numbers)
{
    ck_assert_int_eq(parse("", "--gc-threshold 700,11,12"), ERR_OK);
    expect_gc_threshold(700, 11, 12);
    ck_assert_int_eq(parse("TANDEM_GC_THRESHOLD=0,0,0", ""), ERR_OK);
    expect_gc_threshold(0, 0, 0);
    ck_assert_int_eq(parse("TANDEM_GC_THRESHOLD=1,2,3", "--gc-threshold=2147483647,2147483646,2147483647"), ERR_OK);
    expect_gc_threshold(2147483647, 2147483646, 2147483647);
}
END_TEST

START_TEST(sizes_and_times_have_units)
{
    ck_assert_int_eq(parse("", "--max-body 3MiB --max-header 5KiB --keep-alive 7ms --header-timeout 2s"), ERR_OK);
    ck_assert_uint_eq(config.max_body_bytes, 3 * 1024 * 1024);
    ck_assert_uint_eq(config.max_header_bytes, 5 * 1024);
    ck_assert_uint_eq(config.keep_alive_ns, 7 * NS_PER_MS);
    ck_assert_uint_eq(config.header_timeout_ns, 2 * NS_PER_S);
    ck_assert_int_eq(parse("", "--max-body 512 --drain-timeout 3m"), ERR_OK);
    ck_assert_uint_eq(config.max_body_bytes, 512);
    ck_assert_uint_eq(config.drain_timeout_ns, 180 * NS_PER_S);
}
END_TEST

START_TEST(every_option_is_a_variable_too_and_the_command_line_wins)
{
    ck_assert_int_eq(parse("TANDEM_QUEUE_LIMIT=5 TANDEM_LOG_LEVEL=debug TANDEM_ACCESS_LOG=true OTHER=1", ""), ERR_OK);
    ck_assert_uint_eq(config.queue_limit, 5);
    ck_assert_uint_eq(config.log_level, LOG_DEBUG);
    ck_assert(config.access_log);
    ck_assert_int_eq(parse("TANDEM_QUEUE_LIMIT=5 TANDEM_LOG_FORMAT=json", "--queue-limit 6 --log-level=error"), ERR_OK);
    ck_assert_uint_eq(config.queue_limit, 6);
    ck_assert_uint_eq(config.log_level, LOG_ERROR);
    ck_assert_uint_eq(config.log_format, LOG_JSON);
    ck_assert_int_eq(parse("TANDEM_ACCESS_LOG=1 TANDEM_QUEUE_LIMITS=7 XTANDEM_PORT=9", "--access-log=0"), ERR_OK);
    ck_assert(!config.access_log);
    ck_assert_uint_eq(config.queue_limit, 1024);
    ck_assert_uint_eq(config.port, 8080);
}
END_TEST

/* Parses the option with this text, on the command line or as its variable. named gets the option's name as error
 * messages begin with it. */
static enum err parse_one(bool as_variable, const char *option, const char *text, char named[64])
{
    char line[128];
    snprintf(named, 64, "%s%s", as_variable ? "TANDEM_" : "--", option);
    for (char *at = named; as_variable && *at; at++)
        *at = (char)(*at == '-' ? '_' : toupper((unsigned char)*at));
    snprintf(line, sizeof line, "%s=%s", named, text);
    strcat(named, ": ");
    return as_variable ? parse(line, "") : parse("", line);
}

#define DAY_NS (86400 * NS_PER_S)

static const struct range {
    const char *option;
    const uint64_t *value;
    const char *texts[4]; /* wrong, the lowest, the highest, wrong */
    uint64_t lowest, highest;
} ranges[] = {
    {"port", &config.port, {"-1", "0", "65535", "65536"}, 0, 65535},
    {"loops", &config.loops, {"0", "1", "64", "65"}, 1, 64},
    {"threads", &config.threads, {"0", "1", "64", "65"}, 1, 64},
    {"queue-limit", &config.queue_limit, {"0", "1", "1000000", "1000001"}, 1, 1000000},
    {"max-connections", &config.max_connections, {"0", "1", "1000000", "1000001"}, 1, 1000000},
    {"max-body", &config.max_body_bytes, {"-1", "0", "1024MiB", "1073741825"}, 0, 1 << 30},
    {"max-header", &config.max_header_bytes, {"255", "256", "1024KiB", "1048577"}, 256, 1 << 20},
    {"header-timeout", &config.header_timeout_ns, {"0s", "1ms", "86400s", "86400001ms"}, NS_PER_MS, DAY_NS},
    {"request-timeout", &config.request_timeout_ns, {"0m", "1ms", "1440m", "86401s"}, NS_PER_MS, DAY_NS},
    {"keep-alive", &config.keep_alive_ns, {"0ms", "1ms", "1440m", "1441m"}, NS_PER_MS, DAY_NS},
    {"drain-timeout", &config.drain_timeout_ns, {"0ms", "1ms", "86400000ms", "1441m"}, NS_PER_MS, DAY_NS},
    {"log-level", &config.log_level, {"inf", "error", "debug", "debugs"}, LOG_ERROR, LOG_DEBUG},
    {"asyncio-loop", &config.asyncio_loop, {"aut", "auto", "uvloop", "uvloops"}, ASYNCIO_AUTO, ASYNCIO_UVLOOP},
    {"log-format", &config.log_format, {"TEXT", "text", "json", "jsonl"}, LOG_TEXT, LOG_JSON},
};

START_TEST(each_range_is_exact_on_the_command_line_and_in_the_environment)
{
    for (unsigned i = 0; i < 8 * sizeof ranges / sizeof ranges[0]; i++) {
        const struct range *range = &ranges[i / 8];
        unsigned t = i % 4;
        char named[64];
        bool accepted = parse_one(i / 4 % 2, range->option, range->texts[t], named) == ERR_OK;
        ck_assert_msg(accepted == (t == 1 || t == 2), "%s%s", named, range->texts[t]);
        if (accepted)
            ck_assert_uint_eq(*range->value, t == 1 ? range->lowest : range->highest);
        else
            ck_assert_ptr_eq(strstr(err_message(), named), err_message());
    }
}
END_TEST

START_TEST(a_flag_sets_its_own_field_and_can_be_unset)
{
    static const char *const options[] = {"access-log",   "reload",  "check-config", "healthcheck",
                                          "print-config", "version", "help"};
    const bool *values[] = {&config.access_log,   &config.reload,  &config.check_config, &config.healthcheck,
                            &config.print_config, &config.version, &config.help};
    for (unsigned i = 0; i < 7; i++) {
        char named[64], line[64];
        ck_assert_int_eq(parse_one(true, options[i], "true", named), ERR_OK);
        ck_assert(*values[i]);
        snprintf(line, sizeof line, "--%s", options[i]);
        ck_assert_int_eq(parse("", line), ERR_OK);
        for (unsigned other = 0; other < 7; other++)
            ck_assert_int_eq(*values[other], other == i);
        ck_assert_int_eq(parse_one(false, options[i], "false", named), ERR_OK);
        ck_assert(!*values[i]);
    }
}
END_TEST

/* Returns the text that function writes. The caller owns the text. */
static char *written_by(void (*function)(FILE *))
{
    static char *text;
    static size_t length;
    FILE *file = open_memstream(&text, &length);
    function(file);
    fclose(file);
    return text;
}

static void print_config(FILE *out)
{
    config_print(&config, out);
}

START_TEST(all_that_tells_how_to_serve_is_printed)
{
    ck_assert_int_eq(parse("", "--check-config --healthcheck --print-config --version --help"), ERR_OK);
    char *text = written_by(print_config);
    static const char *const lines[] = {
        "MODE=compare",
        "HOST=127.0.0.1",
        "PORT=8080",
        "LOOPS=1",
        "THREADS=4",
        "QUEUE_LIMIT=1024",
        "ASYNCIO_LOOP=auto",
        "GC_THRESHOLD=10000,10,10",
        "APP_DIR=.",
        "RELOAD=0",
        "INTERFACE=auto",
        "FACTORY=0",
        "MAX_CONNECTIONS=10000",
        "MAX_BODY=1MiB",
        "MAX_HEADER=16KiB",
        "HEADER_TIMEOUT=10s",
        "REQUEST_TIMEOUT=30s",
        "KEEP_ALIVE=75s",
        "DRAIN_TIMEOUT=10s",
        "ADMIN=none",
        "LOG_LEVEL=info",
        "LOG_FORMAT=text",
        "ACCESS_LOG=0",
        "SERVER_TIMING=0",
    };
    const char *at = text;
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char line[64];
        int length = snprintf(line, sizeof line, "TANDEM_%s\n", lines[i]);
        ck_assert_msg(strncmp(at, line, (size_t)length) == 0, "%s, not %s", at, line);
        at += length;
    }
    ck_assert_str_eq(at, "");
    free(text);
}
END_TEST

START_TEST(what_is_printed_gives_the_same_configuration_again)
{
    ck_assert_int_eq(parse("TANDEM_MAX_BODY=2KiB",
                           "--mode libuv --keep-alive 90s --access-log --log-level warn --gc-threshold 5,6,7 main:app"),
                     ERR_OK);
    struct config before = config;
    char *text = written_by(print_config);
    for (char *at = text; *at; at++)
        if (*at == '\n')
            *at = ' ';
    ck_assert_int_eq(parse(text, ""), ERR_OK);
    ck_assert_str_eq(config.mode, before.mode);
    ck_assert_str_eq(config.host, before.host);
    ck_assert_str_eq(config.app, "main:app");
    ck_assert_str_eq(config.app_dir, before.app_dir);
    size_t first = offsetof(struct config, port), end = offsetof(struct config, texts);
    ck_assert_int_eq(memcmp((char *)&config + first, (char *)&before + first, end - first), 0);
    free(text);
}
END_TEST

START_TEST(the_help_has_every_option_with_its_default)
{
    char *help = written_by(config_help), option[64], fallback[64];
    for (unsigned i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        ck_assert_int_eq(parse("", ""), ERR_OK);
        snprintf(option, sizeof option, "\n  --%s ", ranges[i].option);
        char *line = strstr(help, option);
        ck_assert_msg(line != NULL, "%s", option);
        ck_assert_int_eq(sscanf(strchr(line, '['), "[%63[^]]]", fallback), 1);
        uint64_t value = *ranges[i].value;
        ck_assert_int_eq(parse_one(false, ranges[i].option, fallback, option), ERR_OK);
        ck_assert_uint_eq(*ranges[i].value, value);
    }
    ck_assert(strstr(help, "[compare]") && strstr(help, "  --host HOST ") && strstr(help, "  --access-log "));
    free(help);
}
END_TEST

SUITE("config", without_options_everything_has_its_default, a_value_stands_behind_a_space_or_an_equals_sign,
      an_admin_port_is_a_number_or_none, the_thresholds_of_the_garbage_collector_are_three_numbers,
      sizes_and_times_have_units, every_option_is_a_variable_too_and_the_command_line_wins,
      each_range_is_exact_on_the_command_line_and_in_the_environment, a_flag_sets_its_own_field_and_can_be_unset,
      all_that_tells_how_to_serve_is_printed, what_is_printed_gives_the_same_configuration_again,
      the_help_has_every_option_with_its_default)
