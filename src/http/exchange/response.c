#include "http/exchange/response.h"

#include <string.h>

#include "base/check.h"
#include "http/accounting/request_stats.h"
#include "http/accounting/server_timing.h"
#include "http/connection/io_thread_state.h"
#include "http/exchange/response_stream.h"
#include "http/websocket/websocket.h"

/* Limits the reply's header fields to a part of libmicrohttpd's memory for a connection (POOL_BYTES in io_thread.c). If
 * the head of a response does not fit, libmicrohttpd closes the connection without an answer. */
enum { FIELDS_BYTES_MAX = 7 * 1024 };

/* The content reader of a body that is not sent, as for HEAD: it has no bytes. */
/* NOLINTNEXTLINE(readability-non-const-parameter): its type is given */
static ssize_t no_body(void *cls, uint64_t position, char *out, size_t room)
{
    (void)cls;
    (void)position;
    (void)out;
    (void)room;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* MHD_RESPMEM_PERSISTENT: the body belongs to the request, which lives until libmicrohttpd has completed it. */
static struct MHD_Response *buffer_response(const struct reply *reply)
{
    if (reply->length != REPLY_LENGTH_OPEN && reply->length != reply->body_bytes)
        return MHD_create_response_from_callback(reply->length, 1, no_body, NULL, NULL);
    return MHD_create_response_from_buffer(reply->body_bytes, (void *)(uintptr_t)reply->body, MHD_RESPMEM_PERSISTENT);
}

/* libmicrohttpd sends the file by sendfile(2), and takes the descriptor. NULL: the reply keeps the descriptor. */
static struct MHD_Response *file_response(struct reply *reply)
{
    struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(reply->length, reply->file, reply->file_at);
    if (response)
        reply->file = -1;
    return response;
}

/* Adds a header if there is no error so far and value is not NULL. libmicrohttpd rejects an empty value, so a space
 * replaces it: white space around a value is not part of it (RFC 9110, 5.5). */
static enum MHD_Result add(enum MHD_Result so_far, struct MHD_Response *response, const char *name, const char *value)
{
    return so_far == MHD_YES && value ? MHD_add_response_header(response, name, *value ? value : " ") : so_far;
}

static enum MHD_Result add_fields(enum MHD_Result result, struct MHD_Response *response, const struct fields *fields)
{
    const char *name, *value;
    for (size_t at = 0; fields_next(fields, &at, &name, &value);)
        result = add(result, response, name, value);
    return result;
}

static enum MHD_Result add_headers(struct MHD_Response *response, const struct connection *connection)
{
    const struct io_thread *io_thread = connection->io_thread;
    const struct request *request = connection->request;
    const struct reply *reply = &request->reply;
    enum MHD_Result result = MHD_YES;
    if (!fields_find(&reply->fields, MHD_HTTP_HEADER_SERVER))
        result = add(result, response, MHD_HTTP_HEADER_SERVER, SERVER_NAME);
    result = add(result, response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
    result = add_fields(result, response, &reply->fields);
    if ((io_thread->draining || connection->input == INPUT_CLOSING) && reply->status != MHD_HTTP_SWITCHING_PROTOCOLS)
        result = add(result, response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (io_thread->routes->config->server_timing) {
        char timing[SERVER_TIMING_BYTES];
        result = add(result, response, "Server-Timing", server_timing_format(request, connection->returned_ns, timing));
    }
    return result;
}

/* Returns the size of the fields as sent, one line each. Each counts one byte more, for the space of an empty value. */
static size_t fields_bytes(const struct fields *fields)
{
    size_t bytes = 0;
    const char *name, *value;
    for (size_t at = 0; fields_next(fields, &at, &name, &value);)
        bytes += strlen(name) + strlen(value) + sizeof ": \r\n";
    return bytes;
}

enum MHD_Result response_send(struct connection *connection)
{
    struct reply *reply = &connection->request->reply;
    size_t bytes = fields_bytes(&reply->fields);
    if (bytes > FIELDS_BYTES_MAX)
        request_fail(connection->request, "its response has %zu bytes of header fields, at most %d are sent", bytes,
                     FIELDS_BYTES_MAX);
    bool upgrades = reply->status == MHD_HTTP_SWITCHING_PROTOCOLS;
    struct MHD_Response *response = upgrades           ? websocket_response(connection)
                                    : reply->stream    ? response_stream_new(connection)
                                    : reply->file >= 0 ? file_response(reply)
                                                       : buffer_response(reply);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = add_headers(response, connection);
    if (result == MHD_YES)
        result = MHD_queue_response(connection->mhd, reply->status, response);
    MHD_destroy_response(response);
    if (result == MHD_YES)
        request_stats_count_reply(&connection->io_thread->loop->stats, reply);
    return result;
}
