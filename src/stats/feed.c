#include "stats/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/stream.h"

/* One document as an event, for all that read it. */
struct event {
    unsigned readers;
    size_t bytes;
    char text[];
};

struct reader {
    struct stream stream; /* first: the one is the other */
    struct feed *feed;
    struct reader *before, *after;
    struct event *event; /* NULL: it has taken all there is */
    size_t taken_bytes;
    bool ending;
};

struct feed {
    struct feeds *feeds;
    unsigned loop_id;
    uv_timer_t timer;
    struct reader *first;
};

/* The caller's, as its first reader. NULL where memory ran out. */
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
    struct feed *feed = timer->data;
    struct event *event = make_event(feed->feeds->source);
    for (struct reader *reader = feed->first; event && reader; reader = reader->after) {
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

static void on_feed_closed(uv_handle_t *timer)
{
    free(timer->data);
}

static void on_close(struct stream *stream)
{
    struct reader *reader = (struct reader *)stream;
    struct feed *feed = reader->feed;
    if (reader->before)
        reader->before->after = reader->after;
    else
        feed->first = reader->after;
    if (reader->after)
        reader->after->before = reader->before;
    if (!feed->first) {
        feed->feeds->of_loop[feed->loop_id] = NULL;
        uv_close((uv_handle_t *)&feed->timer, on_feed_closed);
    }
    drop_event(reader->event);
    free(reader);
}

static const struct stream_ops ops = {.next = next, .drain = on_drain, .close = on_close};

/* The calling loop's. NULL where memory ran out. */
static struct feed *get_feed(struct feeds *feeds)
{
    struct loop *loop = loop_current();
    CHECK(loop && loop->id <= LOOPS_MAX);
    struct feed *feed = feeds->of_loop[loop->id];
    if (feed || !(feed = calloc(1, sizeof *feed)))
        return feed;
    feed->feeds = feeds;
    feed->loop_id = loop->id;
    CHECK(uv_timer_init(&loop->uv, &feed->timer) == 0);
    uint64_t period_ms = feeds->source->site->config->stats_stream_ns / NS_PER_MS;
    CHECK(uv_timer_start(&feed->timer, on_tick, period_ms, period_ms) == 0);
    feed->timer.data = feed;
    feeds->of_loop[loop->id] = feed;
    return feed;
}

void feed_render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    struct feeds *feeds = context;
    struct event *event = make_event(feeds->source);
    struct reader *reader = event ? calloc(1, sizeof *reader) : NULL;
    struct feed *feed = reader ? get_feed(feeds) : NULL;
    if (!feed) {
        drop_event(event);
        free(reader);
        reply_error(reply, 503, REFUSED_NOT, "out of memory");
        return;
    }
    reader->stream.ops = &ops;
    reader->feed = feed;
    reader->event = event;
    reader->after = feed->first;
    if (reader->after)
        reader->after->before = reader;
    feed->first = reader;
    reply_stream(reply, 200, "text/event-stream", &reader->stream);
    reply_add_field(reply, "Cache-Control", "no-store");
}
