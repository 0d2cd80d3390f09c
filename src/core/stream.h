/* A stream: the body of a reply that is produced over time (reply_stream in core/reply.h), by timers or other events of
 * the loop that the reply is sent from, or handed to that loop by other threads.
 *
 * The front pulls: it asks for the next piece when the client has taken the one before, so a client that takes little
 * is produced little for. Where there is nothing yet it waits for stream_ready(). All of it is LOOP only. */
#ifndef TANDEM_CORE_STREAM_H
#define TANDEM_CORE_STREAM_H

#include <stddef.h>
#include <sys/types.h>

struct stream;

enum { STREAM_NOTHING_YET = 0, STREAM_END = -1, STREAM_BROKEN = -2 };

struct stream_ops {
    /* Writes at most room bytes, and returns how many. STREAM_NOTHING_YET: stream_ready() will follow. STREAM_END: that
     * was all. STREAM_BROKEN: it cannot be completed, which the client is to see. */
    ssize_t (*next)(struct stream *stream, char *out, size_t room);

    /* The server drains: what has no end ends soon. NULL where the stream has an end of its own. */
    void (*drain)(struct stream *stream);

    /* The client sends nothing more, and has perhaps left; whoever produces may stop. NULL where that is nothing to it.
     */
    void (*half_closed)(struct stream *stream);

    /* Takes the stream: it has ended, or its client has left. */
    void (*close)(struct stream *stream);
};

struct stream {
    const struct stream_ops *ops;

    /* The taker's; NULL while it does not wait. */
    void (*on_ready)(struct stream *stream);
    void *taker;
};

/* A stream that has ended already: of a body that is not sent, and whose length nobody knows. Never NULL; nobody's. */
struct stream *stream_of_nothing(void);

/* The producer. next has something to say again; it is not called from in here. */
static inline void stream_ready(struct stream *stream)
{
    if (stream->on_ready)
        stream->on_ready(stream);
}

#endif
