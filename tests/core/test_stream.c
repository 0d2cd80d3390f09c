#include "core/stream.h"

#include "suite.h"

static unsigned told;

static void on_ready(struct stream *stream)
{
    ck_assert_ptr_eq(stream->taker, &told);
    told++;
}

START_TEST(only_a_taker_that_waits_is_told)
{
    struct stream stream = {.taker = &told};
    stream_ready(&stream);
    ck_assert_uint_eq(told, 0);
    stream.on_ready = on_ready;
    stream_ready(&stream);
    ck_assert_uint_eq(told, 1);
}
END_TEST

START_TEST(nothing_has_ended_however_often_it_is_taken)
{
    char out[1];
    for (unsigned i = 0; i < 3; i++) {
        struct stream *nothing = stream_of_nothing();
        ck_assert_int_eq(nothing->ops->next(nothing, out, sizeof out), STREAM_END);
        ck_assert_ptr_null(nothing->ops->drain);
        nothing->ops->close(nothing);
    }
}
END_TEST

SUITE("stream", only_a_taker_that_waits_is_told, nothing_has_ended_however_often_it_is_taken)
