#include "http/request/refusal.h"

#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "base/log.h"
#include "core/loop.h"
#include "http/accounting/access_log.h"
#include "http/accounting/request_stats.h"
#include "http/connection/connection.h"
#include "http/connection/io_thread_state.h"

enum { DATE_BYTES = 48 };

/* Formats the current time as in RFC 9110, 5.6.7. strftime would follow a locale that Python code may have set. */
static void format_date(char out[DATE_BYTES])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    (void)snprintf(out, DATE_BYTES, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday,
                   months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

void refusal_send(struct connection *connection)
{
    const struct fault fault = connection->fault;
    char bytes[1024];
    char date[DATE_BYTES];
    format_date(date);
    struct reply reply;
    reply_init(&reply);
    reply_error(&reply, fault.status, fault.refusal, "%s", fault.reason);
    int length =
        snprintf(bytes, sizeof bytes,
                 "HTTP/1.1 %u %s\r\nDate: %s\r\nConnection: close\r\nServer: " SERVER_NAME
                 "\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                 reply.status, MHD_get_reason_phrase_for(reply.status), date, reply.type, reply.body_bytes, reply.body);
    /* A failure is ignored: a client that takes nothing any more cannot be told. */
    ssize_t sent = send(connection->fd, bytes, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
    request_stats_count_reply(&connection->io_thread->loop->stats, &reply);
    if (connection->io_thread->routes->config->access_log)
        access_log_refusal(connection, &reply);
    log_debug("refused: %u %s", fault.status, fault.reason);
    reply_free(&reply);
}
