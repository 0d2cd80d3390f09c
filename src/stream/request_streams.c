#include "stream/request_streams.h"

static void let_go(struct request *request)
{
    request_end_body(request, false);
    if (request->body_reader)
        pipe_read_end(request->body_reader);
    if (request->channel)
        ws_channel_leave_thread(request->channel);
}

enum err request_open_body(struct request *request, void (*on_room)(void *owner), void *owner)
{
    request->body_reader = pipe_new(request->loop);
    if (!request->body_reader)
        return ERR_NOMEM;
    request->body_writer = request->body_reader;
    request->streamed_in = true;
    request->let_go_of_streams = let_go;
    pipe_on_room(request->body_writer, on_room, owner);
    return ERR_OK;
}

void request_end_body(struct request *request, bool whole)
{
    if (request->body_writer)
        pipe_put_end(request->body_writer, whole);
    request->body_writer = NULL;
}

void request_give_channel(struct request *request, struct ws_channel *channel)
{
    request->channel = channel;
    request->let_go_of_streams = let_go;
}
