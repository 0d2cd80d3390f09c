/* A release has none of the options that exist only for the tests. config.c is compiled here as in a release. */
#undef TANDEM_TEST_SETTINGS
#define TANDEM_TEST_SETTINGS 0
#include "config/config.c" /* NOLINT(bugprone-suspicious-include) */

#include "core/parsed.h"
#include "suite.h"

static const char *const for_tests[] = {"websocket-ping", "websocket-close", "linger", "stats-stream-period"};

START_TEST(it_refuses_the_options_of_the_tests)
{
    for (unsigned i = 0; i < sizeof for_tests / sizeof for_tests[0]; i++) {
        char arguments[64], message[128];
        snprintf(arguments, sizeof arguments, "--%s 1s", for_tests[i]);
        snprintf(message, sizeof message, "unknown option --%s; tandem --help lists the options", for_tests[i]);
        expect_error("", arguments, message);
    }
    expect_error("", "--healthcheck-timeout 1s", "unknown option --healthcheck-timeout; did you mean --healthcheck?");
}
END_TEST

START_TEST(it_does_not_read_their_variables)
{
    ck_assert_int_eq(parse("TANDEM_LINGER=never TANDEM_WEBSOCKET_PING=1s", ""), ERR_OK);
    ck_assert_uint_eq(config.linger_ns, 2000000000);
    ck_assert_uint_eq(config.websocket_ping_ns, 20000000000);
}
END_TEST

SUITE("config_release", it_refuses_the_options_of_the_tests, it_does_not_read_their_variables)
