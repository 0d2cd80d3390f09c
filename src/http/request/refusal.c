#include "http/request/refusal.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/loop.h"
#include "http/accounting/access_log.h"
#include "http/accounting/request_stats.h"
#include "http/connection/connection.h"
#include "http/connection/io_thread_state.h"
#include "http/wire/head_writer.h"
#include "http/wire/output.h"

enum { REFUSAL_BYTES = 1024 };

static void on_end(struct connection *connection, bool failed)
{
    (void)failed;
    output_drop(connection);
    connection_kick(connection);
}

/* The kernel has not taken the whole refusal: the client does not read. False: memory ran out. */
static bool wait_until_sent(struct connection *connection)
{
    timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_WRITE, clock_ns());
    if (output_wait(connection, on_end))
        return true;
    output_drop(connection);
    return false;
}

bool refusal_send(struct connection *connection)
{
    struct io_thread *io_thread = connection->io_thread;
    const struct fault fault = connection_take_fault(connection);
    static const struct head_style style = {.framing = FRAMING_LENGTH, .closes = true};
    struct reply reply;
    reply_init(&reply);
    reply_error(&reply, fault.status, fault.refusal, "%s", fault.reason);
    char bytes[REFUSAL_BYTES];
    CHECK(head_writer_room(&reply, &style) + reply.body_bytes <= sizeof bytes);
    char *end = head_writer_write(io_thread, &reply, &style, bytes);
    memcpy(end, reply.body, reply.body_bytes);
    const struct output_body none = {.left = 0};
    enum output_result result = output_send(connection, bytes, (size_t)(end - bytes) + reply.body_bytes, &none);
    request_stats_count_reply(&io_thread->loop->stats, &reply);
    if (io_thread->routes->config->access_log)
        access_log_refusal(connection, &reply);
    log_debug("refused: %u %s", fault.status, fault.reason);
    reply_free(&reply);
    return result == OUTPUT_BLOCKED && wait_until_sent(connection);
}
