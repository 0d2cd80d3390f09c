/* Replies that are streams, for the front to send. */
#ifndef TANDEM_TESTS_STREAMS_H
#define TANDEM_TESTS_STREAMS_H

#include <stdatomic.h>

#include "core/request.h"

enum streams_kind {
    STREAMS_DRIP,   /* five lines, "1" to "5", one every five milliseconds */
    STREAMS_FLOOD,  /* without end, as fast as it is taken, of bytes 'x' */
    STREAMS_SILENT, /* nothing, until the server drains: "over" */
    STREAMS_DEAF,   /* nothing, ever */
    STREAMS_BROKEN, /* one line, then it breaks off */
};

/* LOOP. Writes the reply: 200 and such a stream. */
void streams_reply(struct request *request, enum streams_kind kind);

/* How many there are; how many were told of their client; and how much /flood has produced. */
extern atomic_uint streams_open, streams_half_closed;
extern atomic_ullong streams_flooded;

#endif
