/* The linker puts a clock under date.c that the test sets, and counts how often a line is made. */
#include "http/wire/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/connection/io_thread_state.h"
#include "suite.h"

static struct timespec now;
static unsigned lines_made;

int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
struct tm *__real_gmtime_r(const time_t *second, struct tm *out);
struct tm *__wrap_gmtime_r(const time_t *second, struct tm *out);

int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    if (clock != CLOCK_REALTIME_COARSE)
        return __real_clock_gettime(clock, out); /* check's own */
    *out = now;
    return 0;
}

struct tm *__wrap_gmtime_r(const time_t *second, struct tm *out)
{
    lines_made++;
    return __real_gmtime_r(second, out);
}

static struct io_thread io_thread;

static void set_clock(time_t second, long nanoseconds)
{
    now = (struct timespec){.tv_sec = second, .tv_nsec = nanoseconds};
}

static void expect_line(const char *date)
{
    const char *line = date_line(&io_thread);
    ck_assert_uint_eq(strlen(line), DATE_LINE_BYTES);
    ck_assert_mem_eq(line, "Date: ", 6);
    ck_assert_str_eq(line + DATE_LINE_BYTES - 2, "\r\n");
    ck_assert_msg(strncmp(line + 6, date, DATE_LINE_BYTES - 8) == 0, "%s instead of %s", line, date);
}

static void expect_date(time_t second, const char *date)
{
    set_clock(second, 0);
    expect_line(date);
}

/* RFC 9110, 5.6.7, has the first one. */
START_TEST(a_date_is_an_imf_fixdate)
{
    expect_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
    expect_date(1, "Thu, 01 Jan 1970 00:00:01 GMT");
    expect_date(1764417600, "Sat, 29 Nov 2025 12:00:00 GMT");
    expect_date(253402300799, "Fri, 31 Dec 9999 23:59:59 GMT");
}
END_TEST

START_TEST(every_day_and_every_month_has_its_name)
{
    static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned day = 0; /* since 1 January 1970 */
    for (unsigned month = 0; month < 12; month++)
        for (unsigned of_month = 1; of_month <= lengths[month]; of_month++, day++) {
            char date[64];
            (void)snprintf(date, sizeof date, "%.3s, %02u %.3s 1970 23:00:59 GMT", days[day % 7], of_month,
                           months[month]);
            expect_date((time_t)day * 86400 + 82859, date);
        }
    ck_assert_uint_eq(day, 365);
}
END_TEST

START_TEST(a_line_is_made_once_a_second)
{
    set_clock(784111777, 0);
    lines_made = 0;
    for (unsigned millisecond = 0; millisecond < 1000; millisecond++) {
        set_clock(784111777, (long)millisecond * 1000000 + 999999);
        expect_line("Sun, 06 Nov 1994 08:49:37 GMT");
    }
    ck_assert_uint_eq(lines_made, 1);
    expect_date(784111778, "Sun, 06 Nov 1994 08:49:38 GMT");
    expect_line("Sun, 06 Nov 1994 08:49:38 GMT");
    ck_assert_uint_eq(lines_made, 2);
}
END_TEST

START_TEST(a_line_follows_the_clock_across_every_change)
{
    static const struct {
        time_t second; /* the last one before the change */
        const char *before, *after;
    } changes[] = {
        {784111779, "Sun, 06 Nov 1994 08:49:39 GMT", "Sun, 06 Nov 1994 08:49:40 GMT"},
        {784111799, "Sun, 06 Nov 1994 08:49:59 GMT", "Sun, 06 Nov 1994 08:50:00 GMT"},
        {784112399, "Sun, 06 Nov 1994 08:59:59 GMT", "Sun, 06 Nov 1994 09:00:00 GMT"},
        {784166399, "Sun, 06 Nov 1994 23:59:59 GMT", "Mon, 07 Nov 1994 00:00:00 GMT"},
        {951782399, "Mon, 28 Feb 2000 23:59:59 GMT", "Tue, 29 Feb 2000 00:00:00 GMT"},
        {951868799, "Tue, 29 Feb 2000 23:59:59 GMT", "Wed, 01 Mar 2000 00:00:00 GMT"},
        {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT", "Mon, 01 Mar 2100 00:00:00 GMT"},
        {1767225599, "Wed, 31 Dec 2025 23:59:59 GMT", "Thu, 01 Jan 2026 00:00:00 GMT"},
        {2147483647, "Tue, 19 Jan 2038 03:14:07 GMT", "Tue, 19 Jan 2038 03:14:08 GMT"},
    };
    for (unsigned i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        set_clock(changes[i].second, 999999999);
        expect_line(changes[i].before);
        expect_date(changes[i].second + 1, changes[i].after);
    }
}
END_TEST

START_TEST(a_line_follows_a_clock_that_is_set_back)
{
    expect_date(784111778, "Sun, 06 Nov 1994 08:49:38 GMT");
    expect_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
}
END_TEST

START_TEST(the_time_zone_of_the_process_does_not_matter)
{
    ck_assert_int_eq(setenv("TZ", "XYZ-05:30", 1), 0);
    tzset();
    expect_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
}
END_TEST

START_TEST(each_io_thread_has_its_own)
{
    struct io_thread other = {0};
    expect_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
    set_clock(784111778, 0);
    ck_assert_str_eq(date_line(&other), "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
    ck_assert_str_eq(io_thread.date.line, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
}
END_TEST

SUITE("date", a_date_is_an_imf_fixdate, every_day_and_every_month_has_its_name, a_line_is_made_once_a_second,
      a_line_follows_the_clock_across_every_change, a_line_follows_a_clock_that_is_set_back,
      the_time_zone_of_the_process_does_not_matter, each_io_thread_has_its_own)
