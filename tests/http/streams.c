#include "http/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/check.h"
#include "core/loop.h"
#include "core/stream.h"

enum { DRIPS = 5, DRIP_MS = 5, PAUSED_PIECES = 4, PAUSED_BYTES = 6 * 1024 };

atomic_uint streams_open, streams_half_closed;
atomic_ullong streams_flooded;

struct made {
    struct stream stream;
    enum streams_kind kind;
    uv_timer_t timer;
    unsigned due, given; /* STREAMS_DRIP: the lines due so far, and given so far */
    bool ending;
};

static ssize_t next(struct stream *stream, char *out, size_t room)
{
    struct made *made = (struct made *)stream;
    switch (made->kind) {
    case STREAMS_DRIP:
        if (made->given == DRIPS)
            return STREAM_END;
        return made->given == made->due ? STREAM_NOTHING_YET : snprintf(out, room, "%u\n", ++made->given);
    case STREAMS_FLOOD:
        memset(out, 'x', room);
        atomic_fetch_add(&streams_flooded, room);
        return (ssize_t)room;
    case STREAMS_SILENT:
        if (!made->ending)
            return STREAM_NOTHING_YET;
        return made->given++ ? STREAM_END : snprintf(out, room, "over");
    case STREAMS_DEAF:
        return STREAM_NOTHING_YET;
    case STREAMS_PAUSED:
        if (made->given++ >= PAUSED_PIECES)
            return STREAM_NOTHING_YET;
        CHECK(room >= PAUSED_BYTES);
        memset(out, 'x', PAUSED_BYTES);
        return PAUSED_BYTES;
    default:
        return made->given++ ? STREAM_BROKEN : snprintf(out, room, "1\n");
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct made *made = timer->data;
    if (++made->due == DRIPS)
        uv_timer_stop(timer);
    stream_ready(&made->stream);
}

static void on_drain(struct stream *stream)
{
    struct made *made = (struct made *)stream;
    made->ending = true;
    if (made->kind == STREAMS_SILENT)
        stream_ready(stream);
}

static void on_timer_closed(uv_handle_t *timer)
{
    free(timer->data);
}

static void on_close(struct stream *stream)
{
    struct made *made = (struct made *)stream;
    atomic_fetch_sub(&streams_open, 1);
    uv_close((uv_handle_t *)&made->timer, on_timer_closed);
}

static void on_half_closed(struct stream *stream)
{
    (void)stream;
    atomic_fetch_add(&streams_half_closed, 1);
}

static const struct stream_ops ops = {
    .next = next, .drain = on_drain, .half_closed = on_half_closed, .close = on_close};

void streams_reply(struct request *request, enum streams_kind kind)
{
    struct made *made = calloc(1, sizeof *made);
    CHECK(made && uv_timer_init(&request->loop->uv, &made->timer) == 0);
    made->timer.data = made;
    made->stream.ops = &ops;
    made->kind = kind;
    if (kind == STREAMS_DRIP)
        CHECK(uv_timer_start(&made->timer, on_timer, DRIP_MS, DRIP_MS) == 0);
    atomic_fetch_add(&streams_open, 1);
    reply_stream(&request->reply, 200, TYPE_TEXT, &made->stream);
}
