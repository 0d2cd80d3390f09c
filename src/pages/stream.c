#include "pages/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/stream.h"

/* A document as a server-sent event, shared by its readers. */
struct event {
    unsigned readers;
    size_t bytes;
    char text[];
};

struct reader {
    struct stream stream; /* must be first: a stream is cast to its reader */
    struct stats_stream *stats_stream;
    LIST_ENTRY(reader) link;
    struct event *event; /* NULL: it has taken everything there is */
    size_t taken_bytes;
    bool ending;
};

struct stats_stream {
    struct stats_streams *stats_streams;
    unsigned loop_id;
    uv_timer_t timer;
    LIST_HEAD(readers, reader) readers;
};

/* Returns an event with one reader, the caller. NULL: out of memory. */
static struct event *make_event(const struct stats_source *source)
{
    char *text = stats_document_text(stats_document(source));
    size_t length = text ? strlen(text) : 0;
    struct event *event = text ? malloc(sizeof *event + length + sizeof "data: \n\n") : NULL;
    if (event) {
        event->readers = 1;
        event->bytes = (size_t)sprintf(event->text, "data: %s\n\n", text);
    }
    free(text);
    return event;
}

static void drop_event(struct event *event)
{
    if (event && --event->readers == 0)
        free(event);
}

static void on_tick(uv_timer_t *timer)
{
    struct stats_stream *stats_stream = timer->data;
    struct event *event = make_event(stats_stream->stats_streams->source);
    if (!event)
        return;
    for (struct reader *reader = LIST_FIRST(&stats_stream->readers), *following; reader; reader = following) {
        following = LIST_NEXT(reader, link); /* stream_ready may free the reader */
        if (reader->event)
            continue;
        event->readers++;
        reader->event = event;
        reader->taken_bytes = 0;
        stream_ready(&reader->stream);
    }
    drop_event(event);
}

static ssize_t next(struct stream *stream, char *out, size_t room)
{
    struct reader *reader = (struct reader *)stream;
    struct event *event = reader->event;
    if (!event)
        return reader->ending ? STREAM_END : STREAM_NOTHING_YET;
    size_t left = event->bytes - reader->taken_bytes;
    size_t piece = left < room ? left : room;
    memcpy(out, event->text + reader->taken_bytes, piece);
    reader->taken_bytes += piece;
    if (piece == left) {
        drop_event(event);
        reader->event = NULL;
    }
    return (ssize_t)piece;
}

static void on_drain(struct stream *stream)
{
    ((struct reader *)stream)->ending = true;
    stream_ready(stream);
}

static void on_stats_stream_closed(uv_handle_t *timer)
{
    free(timer->data);
}

static void on_close(struct stream *stream)
{
    struct reader *reader = (struct reader *)stream;
    struct stats_stream *stats_stream = reader->stats_stream;
    LIST_REMOVE(reader, link);
    if (LIST_EMPTY(&stats_stream->readers)) {
        stats_stream->stats_streams->of_loop[stats_stream->loop_id] = NULL;
        uv_close((uv_handle_t *)&stats_stream->timer, on_stats_stream_closed);
    }
    drop_event(reader->event);
    free(reader);
}

static const struct stream_ops ops = {.next = next, .drain = on_drain, .close = on_close};

/* Returns the stats stream of the calling loop, and makes it if there is none. NULL: out of memory. */
static struct stats_stream *get_stats_stream(struct stats_streams *stats_streams)
{
    struct loop *loop = loop_current();
    CHECK(loop && loop->id <= LOOPS_MAX);
    struct stats_stream *stats_stream = stats_streams->of_loop[loop->id];
    if (stats_stream || !(stats_stream = calloc(1, sizeof *stats_stream)))
        return stats_stream;
    stats_stream->stats_streams = stats_streams;
    stats_stream->loop_id = loop->id;
    CHECK(uv_timer_init(&loop->uv, &stats_stream->timer) == 0);
    uint64_t period_ms = stats_streams->source->routes->config->stats_stream_ns / NS_PER_MS;
    CHECK(uv_timer_start(&stats_stream->timer, on_tick, period_ms, period_ms) == 0);
    stats_stream->timer.data = stats_stream;
    stats_streams->of_loop[loop->id] = stats_stream;
    return stats_stream;
}

void stats_stream_render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    struct stats_streams *stats_streams = context;
    struct event *event = make_event(stats_streams->source);
    struct reader *reader = event ? calloc(1, sizeof *reader) : NULL;
    struct stats_stream *stats_stream = reader ? get_stats_stream(stats_streams) : NULL;
    if (!stats_stream) {
        drop_event(event);
        free(reader);
        reply_error(reply, 503, REFUSED_NOT, "out of memory");
        return;
    }
    reader->stream.ops = &ops;
    reader->stats_stream = stats_stream;
    reader->event = event;
    LIST_INSERT_HEAD(&stats_stream->readers, reader, link);
    reply_stream(reply, 200, "text/event-stream", &reader->stream);
    reply_add_field(reply, "Cache-Control", "no-store");
}
