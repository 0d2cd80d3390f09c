#include "http/wire/date.h"

#include <stdio.h>
#include <time.h>

#include "http/connection/io_thread_state.h"

/* Formats as in RFC 9110, 5.6.7. strftime would follow a locale that Python code may have set. */
static void make_line(struct date *date)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm utc;
    gmtime_r(&date->second, &utc);
    (void)snprintf(date->line, sizeof date->line, "Date: %s, %02u %s %04u %02u:%02u:%02u GMT\r\n", days[utc.tm_wday],
                   (unsigned)utc.tm_mday % 100, months[utc.tm_mon], (unsigned)(utc.tm_year + 1900) % 10000,
                   (unsigned)utc.tm_hour % 100, (unsigned)utc.tm_min % 100, (unsigned)utc.tm_sec % 100);
}

const char *date_line(struct io_thread *io_thread)
{
    struct date *date = &io_thread->date;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != date->second) {
        date->second = now.tv_sec;
        make_line(date);
    }
    return date->line;
}
