/* The messages for mistyped options. */
#include "config/config.h"

#include <string.h>

#include "core/parsed.h"
#include "suite.h"

START_TEST(a_number_out_of_its_range_is_told_the_range)
{
    static const char *const wrong[] = {"65536", "-1", "+1", "1.5", "0x10", "8080x", "18446744073709551621", "1KiB"};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char arguments[64], message[128];
        snprintf(arguments, sizeof arguments, "--port %s", wrong[i]);
        snprintf(message, sizeof message, "--port: '%s' is not a whole number from 0 to 65535", wrong[i]);
        expect_error("", arguments, message);
    }
    expect_error("", "--port=", "--port: '' is not a whole number from 0 to 65535");
    expect_error("TANDEM_PORT=x", "--port 1", "TANDEM_PORT: 'x' is not a whole number from 0 to 65535");
}
END_TEST

START_TEST(a_number_that_may_be_none_is_told_so)
{
    expect_error("", "--admin 65536", "--admin: '65536' is not none, or a whole number, from 0 to 65535");
    expect_error("", "--admin NONE", "--admin: 'NONE' is not none, or a whole number, from 0 to 65535");
}
END_TEST

START_TEST(three_numbers_are_told_so)
{
    static const char *const wrong[] = {"",
                                        "700",
                                        "700,10",
                                        "700,10,",
                                        "700,10,10,",
                                        "700,10,10,10",
                                        "700;10;10",
                                        ",10,10",
                                        "-1,10,10",
                                        "+700,10,10",
                                        "2147483648,10,10",
                                        "700,10,2147483648",
                                        "18446744073709551617,10,10",
                                        "7e2,10,10",
                                        "700,10,10x",
                                        "off"};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char arguments[64], message[192];
        snprintf(arguments, sizeof arguments, "--gc-threshold=%s", wrong[i]);
        snprintf(message, sizeof message,
                 "--gc-threshold: '%s' is not three whole numbers from 0 to 2147483647, such as 10000,10,10", wrong[i]);
        expect_error("", arguments, message);
    }
    expect_error("TANDEM_GC_THRESHOLD=off", "",
                 "TANDEM_GC_THRESHOLD: 'off' is not three whole numbers from 0 to 2147483647, such as 10000,10,10");
}
END_TEST

START_TEST(a_wrong_size_or_time_is_told_what_one_looks_like)
{
    expect_error("", "--max-body 1GiB",
                 "--max-body: '1GiB' is not a size such as 512, 16KiB or 1MiB from 0 to 1024MiB");
    /* The size is 2^64 bytes, which would wrap to 0 without a check. */
    expect_error("", "--max-body 18014398509481984KiB",
                 "--max-body: '18014398509481984KiB' is not a size such as 512, 16KiB or 1MiB from 0 to 1024MiB");
    expect_error("", "--keep-alive 5",
                 "--keep-alive: '5' is not a duration such as 500ms, 10s or 2m from 1ms to 1440m");
    expect_error("", "--keep-alive ms",
                 "--keep-alive: 'ms' is not a duration such as 500ms, 10s or 2m from 1ms to 1440m");
}
END_TEST

START_TEST(a_wrong_word_is_told_the_right_ones)
{
    expect_error("", "--log-level loud", "--log-level: 'loud' is none of: error warn info debug");
    expect_error("", "--log-level=", "--log-level: '' is none of: error warn info debug");
    expect_error("", "--access-log=yes", "--access-log: 'yes' is none of: 1 true 0 false");
    expect_error("", "--mode=", "--mode: must not be empty");
}
END_TEST

START_TEST(what_is_no_option_is_refused_with_the_nearest)
{
    expect_error("", "--prot 1", "unknown option --prot; tandem --help lists the options");
    expect_error("", "--thr 1", "unknown option --thr; did you mean --threads?");
    expect_error("", "--max-bodies=1", "unknown option --max-bodies=1; did you mean --max-body?");
    expect_error("", "--", "unknown option --; tandem --help lists the options");
    expect_error("", "app:app main:app", "unexpected argument 'main:app': there is one APP, and it is 'app:app'");
    expect_error("", "-p 1", "unexpected argument '-p'; tandem --help lists the options");
    expect_error("", "--port", "--port: needs a value: PORT");
    expect_error("", "--access-log 1",
                 "APP: '1' is not MODULE:ATTRIBUTE, such as main:app; tandem --help lists the options");
    static const char *const shapes[] = {"app", ":app", "app:", "a:b:c"};
    for (unsigned i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        char message[160];
        snprintf(message, sizeof message,
                 "APP: '%s' is not MODULE:ATTRIBUTE, such as main:app; tandem --help lists the options", shapes[i]);
        expect_error("", shapes[i], message);
    }
}
END_TEST

SUITE("config_errors", a_number_out_of_its_range_is_told_the_range, a_number_that_may_be_none_is_told_so,
      three_numbers_are_told_so, a_wrong_size_or_time_is_told_what_one_looks_like, a_wrong_word_is_told_the_right_ones,
      what_is_no_option_is_refused_with_the_nearest)
