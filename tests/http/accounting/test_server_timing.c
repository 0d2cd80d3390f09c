#include "http/accounting/server_timing.h"

#include <string.h>

#include "base/clock.h"
#include "suite.h"

START_TEST(the_phases_are_told_in_milliseconds)
{
    char out[SERVER_TIMING_BYTES];
    struct request request = {.submitted_ns = 1 * NS_PER_S};
    request.started_ns = request.submitted_ns + 12345;
    request.finished_ns = request.started_ns + 2 * NS_PER_MS;
    request.gil_ns = 500400;
    const char *text = server_timing_format(&request, request.finished_ns + 3 * NS_PER_S + 1600, out);
    ck_assert_str_eq(text, "queue;dur=0.012, gil;dur=0.500, handler;dur=1.500, return;dur=3000.002");
}
END_TEST

START_TEST(the_longest_ones_fit)
{
    char out[SERVER_TIMING_BYTES];
    struct request request = {.submitted_ns = 0, .started_ns = 1 + UINT64_MAX / 4, .gil_ns = UINT64_MAX / 8};
    request.finished_ns = request.started_ns * 2;
    const char *text = server_timing_format(&request, UINT64_MAX, out);
    ck_assert_uint_lt(strlen(text), SERVER_TIMING_BYTES - 1);
    ck_assert_int_eq(text[strlen(text) - 4], '.');
}
END_TEST

START_TEST(nothing_is_told_of_what_no_handler_had)
{
    char out[SERVER_TIMING_BYTES];
    struct request request = {.submitted_ns = 1 * NS_PER_S};
    ck_assert_ptr_null(server_timing_format(&request, 2 * NS_PER_S, out));
}
END_TEST

SUITE("server_timing", the_phases_are_told_in_milliseconds, the_longest_ones_fit,
      nothing_is_told_of_what_no_handler_had)
