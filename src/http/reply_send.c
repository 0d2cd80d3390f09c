#include "http/reply_send.h"

#include "base/check.h"
#include "http/front.h"
#include "http/server_timing.h"
#include "http/stream_send.h"
#include "http/websocket.h"

void reply_count(struct loop_stats *stats, const struct reply *reply)
{
    CHECK(reply->status >= 100 && reply->status <= 599);
    counter_add(&stats->responses[reply->status / 100], 1);
    if (reply->refusal != REFUSED_NOT)
        counter_add(&stats->rejected[reply->refusal], 1);
}

/* Of a body that HEAD is not sent. */
/* NOLINTNEXTLINE(readability-non-const-parameter): its type is given */
static ssize_t no_body(void *cls, uint64_t position, char *out, size_t room)
{
    (void)cls;
    (void)position;
    (void)out;
    (void)room;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* Persistent: the body lives in the request, which lives until libmicrohttpd has completed it. */
static struct MHD_Response *buffer_response(const struct reply *reply)
{
    if (reply->length != REPLY_LENGTH_OPEN && reply->length != reply->body_bytes)
        return MHD_create_response_from_callback(reply->length, 1, no_body, NULL, NULL);
    return MHD_create_response_from_buffer(reply->body_bytes, (void *)(uintptr_t)reply->body, MHD_RESPMEM_PERSISTENT);
}

/* By sendfile(2). libmicrohttpd takes the descriptor. */
static struct MHD_Response *file_response(struct reply *reply)
{
    struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(reply->length, reply->file, reply->file_at);
    if (response)
        reply->file = -1;
    return response;
}

/* One more header, where all went well so far and it has a value. */
static enum MHD_Result add(enum MHD_Result so_far, struct MHD_Response *response, const char *name, const char *value)
{
    return so_far == MHD_YES && value ? MHD_add_response_header(response, name, value) : so_far;
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
    const struct front *front = connection->front;
    const struct request *request = connection->request;
    const struct reply *reply = &request->reply;
    enum MHD_Result result = MHD_YES;
    if (!fields_find(&reply->fields, MHD_HTTP_HEADER_SERVER))
        result = add(result, response, MHD_HTTP_HEADER_SERVER, SERVER_NAME);
    result = add(result, response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
    result = add_fields(result, response, &reply->fields);
    if ((front->draining || connection->closing) && reply->status != MHD_HTTP_SWITCHING_PROTOCOLS)
        result = add(result, response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (front->site->config->server_timing) {
        char timing[SERVER_TIMING_BYTES];
        result = add(result, response, "Server-Timing", server_timing_format(request, connection->returned_ns, timing));
    }
    return result;
}

enum MHD_Result reply_send(struct connection *connection)
{
    struct reply *reply = &connection->request->reply;
    bool upgrades = reply->status == MHD_HTTP_SWITCHING_PROTOCOLS;
    struct MHD_Response *response = upgrades           ? websocket_response(connection)
                                    : reply->stream    ? stream_response(connection)
                                    : reply->file >= 0 ? file_response(reply)
                                                       : buffer_response(reply);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = add_headers(response, connection);
    if (result == MHD_YES)
        result = MHD_queue_response(connection->mhd, reply->status, response);
    MHD_destroy_response(response);
    if (result == MHD_YES)
        reply_count(&connection->front->loop->stats, reply);
    return result;
}
