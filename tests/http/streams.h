/* Replies that are streams, sent by an io_thread. */
#ifndef TANDEM_TESTS_STREAMS_H
#define TANDEM_TESTS_STREAMS_H

#include <stdatomic.h>

#include "core/request.h"

enum streams_kind {
    STREAMS_DRIP,   /* five lines, "1" to "5", one every five milliseconds */
    STREAMS_FLOOD,  /* bytes 'x' without end, as fast as they are taken */
    STREAMS_SILENT, /* nothing, until the server drains: "over" */
    STREAMS_DEAF,   /* nothing, not even when the server drains */
    STREAMS_BROKEN, /* one line, then STREAM_BROKEN */
    STREAMS_PAUSED, /* four pieces of 6 KiB, then nothing, as STREAMS_DEAF */
};

/* LOOP. Writes the reply: 200 and a stream of this kind. */
void streams_reply(struct request *request, enum streams_kind kind);

/* The number of open streams, of streams whose client has shut down its side, and of bytes that /flood has produced. */
extern atomic_uint streams_open, streams_half_closed;
extern atomic_ullong streams_flooded;

#endif
