/* A stream: the body of a reply that is produced over time (reply_stream in core/reply.h). Timers or other events of
 * the loop that sends the reply produce it, or other threads hand it to that loop.
 *
 * The io_thread pulls: it asks for the next piece when the client has taken the last one, so little is produced for a
 * slow client. If there is nothing yet, the io_thread waits for stream_ready(). LOOP only. */
#ifndef TANDEM_CORE_STREAM_H
#define TANDEM_CORE_STREAM_H

#include <stddef.h>
#include <sys/types.h>

struct stream;

enum { STREAM_NOTHING_YET = 0, STREAM_END = -1, STREAM_BROKEN = -2 };

struct stream_ops {
    /* Writes at most room bytes to out, and returns how many. STREAM_NOTHING_YET: stream_ready() follows. STREAM_END:
     * the stream is complete. STREAM_BROKEN: it cannot be completed, and the client must be able to see that. */
    ssize_t (*next)(struct stream *stream, char *out, size_t room);

    /* The server drains: an endless stream must end soon. NULL if the stream ends by itself. */
    void (*drain)(struct stream *stream);

    /* The client sends nothing more, and has perhaps left; the producer may stop. NULL if the producer has no use for
     * that. */
    void (*half_closed)(struct stream *stream);

    /* Takes the stream: it has ended, or the client has left. */
    void (*close)(struct stream *stream);
};

struct stream {
    const struct stream_ops *ops;

    /* Set by the taker; NULL while it does not wait. */
    void (*on_ready)(struct stream *stream);
    void *taker;
};

/* ANY thread. Returns a stream that has ended already, for an omitted body of unknown length (HEAD). Never NULL;
 * static, owned by nobody. */
struct stream *stream_of_nothing(void);

/* The producer calls this when next has something to return again. The taker may call next and close from here, so the
 * producer does not use the stream afterwards. */
static inline void stream_ready(struct stream *stream)
{
    if (stream->on_ready)
        stream->on_ready(stream);
}

#endif
