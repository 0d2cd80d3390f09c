#include "stream/pipe.h"

#include <stdatomic.h>
#include <string.h>

#include "core/inward.h"
#include "core/rig.h"
#include "core/stream.h"
#include "suite.h"

enum { PIECE = 1000 };

static struct pipe *pipe_under_test;
static struct stream *stream;
static size_t to_write, read_bytes;
static unsigned ready_count;
static ssize_t last;
static atomic_bool refused;
static bool whole;

static void write_all(void *unused)
{
    char piece[PIECE];
    (void)unused;
    for (size_t i = 0; i < to_write; i++) {
        memset(piece, (char)i, sizeof piece);
        if (!pipe_write(pipe_under_test, piece, sizeof piece)) {
            atomic_store(&refused, true);
            break;
        }
    }
    pipe_write_end(pipe_under_test, whole);
}

/* Reads until there is nothing. */
static void read_on(struct stream *of)
{
    char out[777];
    ready_count++;
    while ((last = of->ops->next(of, out, sizeof out)) > 0)
        for (ssize_t i = 0; i < last; i++, read_bytes++)
            ck_assert_int_eq(out[i], (char)(read_bytes / PIECE));
    if (last != STREAM_NOTHING_YET)
        uv_stop(&rig_loop->uv);
}

static void open_pipe(size_t pieces, bool is_whole)
{
    rig_open();
    to_write = pieces;
    whole = is_whole;
    pipe_under_test = pipe_new(rig_loop);
    ck_assert_ptr_nonnull(pipe_under_test);
    stream = pipe_stream(pipe_under_test);
    stream->on_ready = read_on;
}

START_TEST(what_is_written_comes_out_in_its_order)
{
    uv_thread_t writer;
    open_pipe(1000, true);
    read_on(stream); /* no bytes yet: the stream will be notified */
    ck_assert_int_eq(last, STREAM_NOTHING_YET);
    ck_assert_int_eq(uv_thread_create(&writer, write_all, NULL), 0);
    loop_run(rig_loop);
    ck_assert_int_eq(uv_thread_join(&writer), 0);
    ck_assert_int_eq(last, STREAM_END);
    ck_assert_uint_eq(read_bytes, 1000 * PIECE);
    ck_assert_uint_ge(ready_count, 2);
    ck_assert(!atomic_load(&refused));
    stream->ops->close(stream);
    rig_close();
}
END_TEST

START_TEST(what_is_not_whole_is_broken)
{
    open_pipe(2, false);
    write_all(NULL);
    read_on(stream);
    ck_assert_uint_eq(read_bytes, 2 * PIECE);
    ck_assert_int_eq(last, STREAM_BROKEN);
    stream->ops->close(stream);
    rig_close();
}
END_TEST

START_TEST(the_writer_is_let_go_when_the_reader_leaves)
{
    uv_thread_t writer;
    open_pipe(1000, true); /* more than fits */
    ck_assert_int_eq(uv_thread_create(&writer, write_all, NULL), 0);
    stream->ops->close(stream);
    ck_assert_int_eq(uv_thread_join(&writer), 0);
    ck_assert(atomic_load(&refused));
    rig_close();
}
END_TEST

START_TEST(no_more_waits_in_it_than_it_has_room_for)
{
    uv_thread_t writer;
    char out[PIPE_BYTES + 2 * PIECE];
    open_pipe(1000, true);
    ck_assert_int_eq(uv_thread_create(&writer, write_all, NULL), 0);
    size_t got = 0;
    while (got < 1000 * PIECE) {
        ssize_t run = stream->ops->next(stream, out, sizeof out);
        ck_assert_int_ge(run, 0);
        ck_assert_int_lt(run, PIPE_BYTES + PIECE);
        got += (size_t)run;
    }
    ck_assert_int_eq(uv_thread_join(&writer), 0);
    stream->ops->close(stream);
    rig_close();
}
END_TEST

START_TEST(a_message_that_is_under_way_when_the_loop_ends_is_no_loss)
{
    open_pipe(1, true);
    read_on(stream);
    write_all(NULL); /* notifies a loop that does not run */
    stream->ops->close(stream);
    rig_close(); /* LeakSanitizer reports the pipe if it is not freed */
    ck_assert_uint_eq(ready_count, 1);
}
END_TEST

static unsigned rooms;

static void on_room(void *owner)
{
    ck_assert_ptr_eq(owner, &rooms);
    rooms++;
    uv_stop(&rig_loop->uv);
}

/* Reads everything. Each read appends to a buffer that is empty or, every second time, still has one byte. */
static void read_all(void *broken)
{
    struct buf out = {0};
    bool behind = false;
    while ((last = pipe_read(pipe_under_test, &out)) > 0) {
        ck_assert_uint_eq(out.length, (size_t)last + behind);
        for (size_t i = behind; i < out.length; i++, read_bytes++)
            ck_assert_int_eq(out.bytes[i], (char)(read_bytes / PIECE));
        behind = !behind;
        out.length = behind;
    }
    ck_assert_int_eq(last, broken ? -1 : 0);
    buf_free(&out);
    pipe_read_end(pipe_under_test);
}

static bool put(const char *bytes, size_t length)
{
    return inward_put(pipe_under_test, bytes, length);
}

static ssize_t take(void)
{
    struct buf out = {0};
    ssize_t got = pipe_take(pipe_under_test, &out);
    ck_assert_int_eq(got > 0 ? got : 0, (ssize_t)out.length);
    buf_free(&out);
    return got;
}

/* The loop's side: puts the pieces, and waits where the pipe is full. */
static void put_all(size_t pieces, bool is_whole)
{
    char piece[PIECE];
    for (size_t i = 0; i < pieces; i++) {
        memset(piece, (char)i, sizeof piece);
        if (!put(piece, sizeof piece))
            loop_run(rig_loop);
    }
    pipe_put_end(pipe_under_test, is_whole);
}

static void put_and_read(size_t pieces, bool is_whole)
{
    uv_thread_t reader;
    open_pipe(0, true);
    pipe_on_room(pipe_under_test, on_room, &rooms);
    ck_assert_int_eq(uv_thread_create(&reader, read_all, is_whole ? NULL : &rooms), 0);
    put_all(pieces, is_whole);
    ck_assert_int_eq(uv_thread_join(&reader), 0);
    ck_assert_uint_eq(read_bytes, pieces * PIECE);
    rig_close();
}

START_TEST(inward_the_thread_reads_what_the_loop_puts)
{
    put_and_read(0, true);
}
END_TEST

START_TEST(inward_the_loop_is_told_of_room)
{
    put_and_read(2000, true);
}
END_TEST

START_TEST(inward_what_is_not_whole_is_told_behind_what_came)
{
    put_and_read(3, false);
}
END_TEST

START_TEST(inward_a_reader_that_leaves_makes_room_for_ever)
{
    open_pipe(0, true);
    pipe_on_room(pipe_under_test, on_room, &rooms);
    char piece[PIECE] = {0};
    while (put(piece, sizeof piece))
        continue;
    pipe_read_end(pipe_under_test);
    loop_run(rig_loop);
    ck_assert_uint_eq(rooms, 1);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert(put(piece, sizeof piece));
    pipe_put_end(pipe_under_test, true);
    rig_close();
}
END_TEST

static unsigned changes;

static void on_change(void *owner)
{
    ck_assert_ptr_eq(owner, &changes);
    changes++;
}

START_TEST(a_writer_that_must_not_wait_is_told_of_room_and_of_the_end)
{
    char piece[PIECE] = {0}, out[PIPE_BYTES];
    open_pipe(0, true);
    pipe_on_change(pipe_under_test, on_change, &changes);
    while (pipe_offer(pipe_under_test, piece, sizeof piece) == PIPE_ROOM)
        continue;
    ck_assert_uint_eq(changes, 0);
    ck_assert_int_gt(stream->ops->next(stream, out, PIECE), 0);
    ck_assert_uint_eq(changes, 0); /* too little room */
    ck_assert_int_gt(stream->ops->next(stream, out, sizeof out), 0);
    ck_assert_uint_eq(changes, 1);
    stream->ops->close(stream);
    ck_assert_uint_eq(changes, 2);
    ck_assert_int_eq(pipe_offer(pipe_under_test, piece, sizeof piece), PIPE_LEFT);
    pipe_write_end(pipe_under_test, true);
    rig_close();
}
END_TEST

START_TEST(inward_a_reader_that_must_not_wait_is_told_of_what_comes_and_of_the_end)
{
    char piece[PIECE] = {0};
    open_pipe(0, true);
    pipe_on_change(pipe_under_test, on_change, &changes);
    ck_assert(put(piece, sizeof piece));
    ck_assert_uint_eq(changes, 0); /* the reader did not ask */
    ck_assert_int_eq(take(), PIECE);
    ck_assert_int_eq(take(), PIPE_NOTHING_YET);
    ck_assert(put(piece, 1));
    ck_assert_uint_eq(changes, 1);
    ck_assert_int_eq(take(), 1);
    ck_assert_int_eq(take(), PIPE_NOTHING_YET);
    pipe_put_end(pipe_under_test, true);
    ck_assert_uint_eq(changes, 2);
    ck_assert_int_eq(take(), 0);
    pipe_read_end(pipe_under_test);
    rig_close();
}
END_TEST

SUITE("pipe", a_writer_that_must_not_wait_is_told_of_room_and_of_the_end,
      inward_a_reader_that_must_not_wait_is_told_of_what_comes_and_of_the_end,
      inward_the_thread_reads_what_the_loop_puts, inward_the_loop_is_told_of_room,
      inward_what_is_not_whole_is_told_behind_what_came, inward_a_reader_that_leaves_makes_room_for_ever,
      what_is_written_comes_out_in_its_order, what_is_not_whole_is_broken, the_writer_is_let_go_when_the_reader_leaves,
      no_more_waits_in_it_than_it_has_room_for, a_message_that_is_under_way_when_the_loop_ends_is_no_loss)
