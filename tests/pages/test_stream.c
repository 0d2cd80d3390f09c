#include "pages/stream.h"

#include <string.h>

#include "base/clock.h"
#include "core/stream.h"
#include "stats/made_up.h"
#include "suite.h"

enum { READERS = 3 };

static struct stats_streams stats_streams;
static struct loop *loop;
static struct reply replies[READERS];
static unsigned ready;
static uint64_t begun_ns;
static uv_timer_t starter;

static void on_ready(struct stream *stream)
{
    stream->on_ready = NULL;
    ready++;
}

/* Pulls one whole event in pieces of at most room bytes, and checks it. */
static void expect_event(struct stream *stream, size_t room)
{
    static char text[64 * 1024];
    size_t length = 0;
    ssize_t got;
    while ((got = stream->ops->next(stream, text + length, room)) > 0) {
        length += (size_t)got;
        ck_assert_uint_lt(length + room, sizeof text);
    }
    ck_assert_int_eq(got, STREAM_NOTHING_YET);
    ck_assert_mem_eq(text, "data: {", 7);
    ck_assert_mem_eq(text + length - 3, "}\n\n", 3);
    json_t *document = json_loadb(text + 6, length - 8, 0, NULL);
    ck_assert_ptr_nonnull(document);
    expect_keys(document, "tandem process http loops gil models");
    json_decref(document);
    stream->on_ready = on_ready;
}

static void read_second_ones(uv_timer_t *timer)
{
    if (ready < 2)
        return;
    uv_timer_stop(timer);
    ck_assert_uint_ge(clock_ns() - begun_ns, 90 * NS_PER_MS);
    ck_assert_uint_eq(ready, 2);
    /* The third reader has not taken its first event, so it gets that one. */
    for (unsigned i = 0; i < READERS; i++)
        expect_event(replies[i].stream, 5000);
    ready = 0;
    for (unsigned i = 0; i < READERS; i++) {
        struct stream *stream = replies[i].stream;
        char byte;
        stream->ops->drain(stream);
        ck_assert_uint_eq(ready, i + 1);
        ck_assert_int_eq(stream->ops->next(stream, &byte, 1), STREAM_END);
    }
    for (unsigned i = 0; i < READERS; i++) {
        ck_assert_ptr_nonnull(stats_streams.of_loop[0]);
        reply_free(&replies[(i + 1) % READERS]);
    }
    ck_assert_ptr_null(stats_streams.of_loop[0]);
    uv_close((uv_handle_t *)timer, NULL);
    uv_stop(&loop->uv);
}

static void read_first_ones(uv_timer_t *timer)
{
    begun_ns = clock_ns();
    for (unsigned i = 0; i < READERS; i++) {
        reply_init(&replies[i]);
        stats_stream_render(&stats_streams, NULL, &replies[i]);
        ck_assert_uint_eq(replies[i].status, 200);
        ck_assert_str_eq(replies[i].type, "text/event-stream");
        if (i < READERS - 1)
            expect_event(replies[i].stream, 100);
    }
    ck_assert_int_eq(uv_timer_start(timer, read_second_ones, 10, 10), 0);
}

START_TEST(the_first_event_is_there_at_once_and_one_at_most_waits)
{
    made_up_open();
    stats_streams = (struct stats_streams){.source = &made_up.source};
    loop = made_up.loops[0];
    ck_assert_int_eq(uv_timer_init(&loop->uv, &starter), 0);
    ck_assert_int_eq(uv_timer_start(&starter, read_first_ones, 0, 0), 0);
    loop_run(loop);
    made_up_close();
}
END_TEST

SUITE("stream", the_first_event_is_there_at_once_and_one_at_most_waits)
