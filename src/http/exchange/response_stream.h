/* The body of a reply that is a stream (core/stream.h): takes its pieces and frames them. A stream of unknown length
 * goes out chunked; for clients of HTTP/1.0, the close of the connection ends it. LOOP only. */
#ifndef TANDEM_HTTP_EXCHANGE_RESPONSE_STREAM_H
#define TANDEM_HTTP_EXCHANGE_RESPONSE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/reply.h"

enum response_stream_state {
    RESPONSE_STREAM_MORE,   /* there may be another piece */
    RESPONSE_STREAM_WAITS,  /* the stream has nothing for now */
    RESPONSE_STREAM_ENDED,  /* the body is complete */
    RESPONSE_STREAM_BROKEN, /* the stream cannot be completed, or is shorter than its Content-Length */
};

enum { RESPONSE_STREAM_ROOM_MIN = 512 };

/* Writes the stream's next piece to out, as a chunk if chunked. room is at least RESPONSE_STREAM_ROOM_MIN. *bytes: how
 * many bytes were written. A piece is not held back for the next one, which a handler may still have to make. Closes
 * the stream once it has ended; then reply->stream is NULL. */
enum response_stream_state response_stream_take(struct reply *reply, bool chunked, char *out, size_t room,
                                                size_t *bytes);

#endif
