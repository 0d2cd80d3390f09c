/* The stream ends that a request holds for its handler: the rest of its body, and a websocket's channel. request_free
 * lets go of those that the handler has not taken. LOOP only. */
#ifndef TANDEM_STREAM_REQUEST_STREAMS_H
#define TANDEM_STREAM_REQUEST_STREAMS_H

#include "core/request.h"
#include "stream/pipe.h"
#include "stream/ws_channel.h"

/* Opens a pipe for the rest of the body, before the request is submitted. The bytes received so far stay in
 * request->body. on_room(owner): see pipe_on_room. ERR_NOMEM: nothing has changed. */
WARN_UNUSED enum err request_open_body(struct request *request, void (*on_room)(void *owner), void *owner);

/* Ends the pipe, if it is open. whole: the body is complete. */
void request_end_body(struct request *request, bool whole);

/* Gives the request the thread's end of the channel. The handler may take it from request->channel. */
void request_give_channel(struct request *request, struct ws_channel *channel);

#endif
