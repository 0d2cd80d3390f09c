#include "http/reply_send.h"

#include "base/check.h"
#include "http/front.h"
#include "http/stream_send.h"

void reply_count(struct loop_stats *stats, const struct reply *reply)
{
    CHECK(reply->status >= 100 && reply->status <= 599);
    counter_add(&stats->responses[reply->status / 100], 1);
    if (reply->refusal != REFUSED_NOT)
        counter_add(&stats->rejected[reply->refusal], 1);
}

/* Persistent: the body lives in the request, which lives until libmicrohttpd has completed it. */
static struct MHD_Response *buffer_response(const struct reply *reply)
{
    return MHD_create_response_from_buffer(reply->body_bytes, (void *)(uintptr_t)reply->body, MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result reply_send(struct connection *connection)
{
    struct front *front = connection->front;
    const struct reply *reply = &connection->request->reply;
    struct MHD_Response *response = reply->stream ? stream_response(connection) : buffer_response(reply);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_SERVER, SERVER_NAME);
    if (result == MHD_YES && reply->type)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
    if (result == MHD_YES && reply->header_name)
        result = MHD_add_response_header(response, reply->header_name, reply->header_value);
    if (result == MHD_YES && front->draining)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (result == MHD_YES)
        result = MHD_queue_response(connection->mhd, reply->status, response);
    MHD_destroy_response(response);
    if (result == MHD_YES)
        reply_count(&front->loop->stats, reply);
    return result;
}
