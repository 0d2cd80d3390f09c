#include "stream/pipe.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/check.h"
#include "base/list.h"
#include "core/inbox.h"
#include "core/loop.h"
#include "core/stream.h"
#include "stream/notify.h"

enum end { END_OPEN, END_WHOLE, END_BROKEN };

struct pipe {
    struct stream stream;         /* outward only */
    void (*on_room)(void *owner); /* inward only; LOOP only */
    void *owner;
    struct loop *loop;
    struct inbox_message inbox_message; /* tells the loop that it need not wait any more */
    uv_mutex_t lock;                    /* guards the fields below, except changed */
    uv_cond_t changed;                  /* wakes the thread in pipe_write or pipe_read */
    unsigned holders;                   /* the loop, the thread, and the posted message */
    struct buf bytes;
    size_t read_bytes;           /* bytes at the front that the loop has read; outward only */
    enum end end;                /* as the writing side has set it */
    struct notify notify;        /* for a thread that must not wait */
    bool message_posted;         /* inbox_message is posted, and not delivered yet */
    bool loop_waits;             /* for bytes outward, for room inward */
    bool loop_left, thread_left; /* has let go */
    bool half_closed;            /* the client has closed its side of the connection */
};

static struct pipe *pipe_of(struct stream *stream)
{
    return CONTAINER_OF(stream, struct pipe, stream);
}

/* The lock held. Returns how many bytes the pipe holds. */
static size_t waiting(const struct pipe *pipe)
{
    return pipe->bytes.length - pipe->read_bytes;
}

/* The lock held; unlocks. Drops one holder; the last frees the pipe. */
static void let_go(struct pipe *pipe)
{
    bool last = --pipe->holders == 0;
    uv_mutex_unlock(&pipe->lock);
    if (!last)
        return;
    uv_mutex_destroy(&pipe->lock);
    uv_cond_destroy(&pipe->changed);
    notify_destroy(&pipe->notify);
    buf_free(&pipe->bytes);
    free(pipe);
}

static void deliver(struct inbox_message *inbox_message)
{
    struct pipe *pipe = CONTAINER_OF(inbox_message, struct pipe, inbox_message);
    uv_mutex_lock(&pipe->lock);
    pipe->message_posted = false;
    bool left = pipe->loop_left;
    uv_mutex_unlock(&pipe->lock);
    if (!left && pipe->on_room)
        pipe->on_room(pipe->owner);
    else if (!left)
        stream_ready(&pipe->stream);
    uv_mutex_lock(&pipe->lock);
    let_go(pipe);
}

/* The lock held. Posts the message to the loop, if the loop waits. */
static void tell_loop(struct pipe *pipe)
{
    if (!pipe->loop_waits || pipe->loop_left)
        return;
    pipe->loop_waits = false;
    if (pipe->message_posted)
        return;
    pipe->message_posted = true;
    pipe->holders++;
    loop_post(pipe->loop, &pipe->inbox_message);
}

/* The lock held. Moves at most room bytes to out, and returns how many. */
static size_t take(struct pipe *pipe, char *out, size_t room)
{
    size_t left = waiting(pipe);
    size_t run = left < room ? left : room;
    if (run == 0)
        return 0;
    memcpy(out, pipe->bytes.bytes + pipe->read_bytes, run);
    pipe->read_bytes += run;
    if (run == left)
        pipe->bytes.length = pipe->read_bytes = 0;
    return run;
}

/* The lock held. Appends a copy. If memory runs out, marks the end as broken. */
static void add(struct pipe *pipe, const char *bytes, size_t length)
{
    buf_consume(&pipe->bytes, pipe->read_bytes);
    pipe->read_bytes = 0;
    if (pipe->end == END_OPEN && buf_append(&pipe->bytes, bytes, length))
        pipe->end = END_BROKEN;
}

static ssize_t next(struct stream *stream, char *out, size_t room)
{
    struct pipe *pipe = pipe_of(stream);
    uv_mutex_lock(&pipe->lock);
    size_t run = take(pipe, out, room);
    enum end end = pipe->end;
    pipe->loop_waits = run == 0 && end == END_OPEN;
    notify_and_unlock(&pipe->notify, &pipe->lock, pipe->notify.waits && waiting(pipe) <= PIPE_BYTES / 2);
    if (run > 0) {
        uv_cond_signal(&pipe->changed); /* after the unlock: the woken thread needs the lock */
        return (ssize_t)run;
    }
    return end == END_OPEN ? STREAM_NOTHING_YET : end == END_WHOLE ? STREAM_END : STREAM_BROKEN;
}

/* The lock held; unlocks. The loop lets go: notifies the thread, and drops the loop as a holder. */
static void leave_loop(struct pipe *pipe)
{
    loop_check(pipe->loop);
    pipe->loop_left = true;
    uv_cond_signal(&pipe->changed);
    notify_and_unlock(&pipe->notify, &pipe->lock, true);
    uv_mutex_lock(&pipe->lock);
    let_go(pipe);
}

static void close_stream(struct stream *stream)
{
    struct pipe *pipe = pipe_of(stream);
    uv_mutex_lock(&pipe->lock);
    leave_loop(pipe);
}

static void half_close(struct stream *stream)
{
    struct pipe *pipe = pipe_of(stream);
    uv_mutex_lock(&pipe->lock);
    pipe->half_closed = true;
    notify_and_unlock(&pipe->notify, &pipe->lock, true);
}

static const struct stream_ops ops = {.next = next, .half_closed = half_close, .close = close_stream};

struct pipe *pipe_new(struct loop *loop)
{
    struct pipe *pipe = calloc(1, sizeof *pipe);
    if (!pipe)
        return NULL;
    pipe->stream.ops = &ops;
    pipe->loop = loop;
    pipe->inbox_message.deliver = deliver;
    pipe->holders = 2;
    CHECK(uv_mutex_init(&pipe->lock) == 0);
    CHECK(uv_cond_init(&pipe->changed) == 0);
    notify_init(&pipe->notify);
    return pipe;
}

struct stream *pipe_stream(struct pipe *pipe)
{
    return &pipe->stream;
}

bool pipe_write(struct pipe *pipe, const char *bytes, size_t length)
{
    uv_mutex_lock(&pipe->lock);
    while (waiting(pipe) >= PIPE_BYTES && !pipe->loop_left)
        uv_cond_wait(&pipe->changed, &pipe->lock);
    add(pipe, bytes, length);
    bool good = !pipe->loop_left && pipe->end == END_OPEN;
    tell_loop(pipe);
    uv_mutex_unlock(&pipe->lock);
    return good;
}

enum pipe_state pipe_offer(struct pipe *pipe, const char *bytes, size_t length)
{
    uv_mutex_lock(&pipe->lock);
    add(pipe, bytes, length);
    bool left = pipe->loop_left || pipe->end != END_OPEN;
    pipe->notify.waits = !left && waiting(pipe) >= PIPE_BYTES;
    enum pipe_state state = left ? PIPE_LEFT : pipe->notify.waits ? PIPE_FULL : PIPE_ROOM;
    tell_loop(pipe);
    uv_mutex_unlock(&pipe->lock);
    return state;
}

void pipe_on_change(struct pipe *pipe, void (*on_change)(void *owner), void *owner)
{
    uv_mutex_lock(&pipe->lock);
    pipe->notify.on_change = on_change;
    pipe->notify.owner = owner;
    uv_mutex_unlock(&pipe->lock);
}

bool pipe_half_closed(struct pipe *pipe)
{
    uv_mutex_lock(&pipe->lock);
    bool half_closed = pipe->half_closed;
    uv_mutex_unlock(&pipe->lock);
    return half_closed;
}

void pipe_write_end(struct pipe *pipe, bool whole)
{
    uv_mutex_lock(&pipe->lock);
    notify_end(&pipe->notify, &pipe->lock);
    if (pipe->end == END_OPEN)
        pipe->end = whole ? END_WHOLE : END_BROKEN;
    tell_loop(pipe);
    let_go(pipe);
}

/* Inward: the body of a request on its way to a thread. */

/* Moves the contents of from to the end of to. If to is empty, they swap memory instead of copying. */
static enum err move(struct buf *to, struct buf *from)
{
    if (to->length > 0) {
        enum err err = buf_append(to, from->bytes, from->length);
        if (err)
            return err;
    } else {
        struct buf empty = *to;
        *to = *from;
        *from = empty;
    }
    from->length = 0;
    return ERR_OK;
}

size_t pipe_room(struct pipe *pipe)
{
    uv_mutex_lock(&pipe->lock);
    size_t bytes = waiting(pipe);
    uv_mutex_unlock(&pipe->lock);
    return bytes < PIPE_INWARD_BYTES ? PIPE_INWARD_BYTES - bytes : 0;
}

bool pipe_put(struct pipe *pipe, struct buf *bytes)
{
    loop_check(pipe->loop);
    uv_mutex_lock(&pipe->lock);
    if (!pipe->thread_left && pipe->end == END_OPEN && move(&pipe->bytes, bytes))
        pipe->end = END_BROKEN;
    bytes->length = 0;
    pipe->loop_waits = waiting(pipe) >= PIPE_INWARD_BYTES && !pipe->thread_left;
    bool room = !pipe->loop_waits;
    notify_and_unlock(&pipe->notify, &pipe->lock, pipe->notify.waits);
    uv_cond_signal(&pipe->changed); /* after the unlock: the woken thread needs the lock */
    return room;
}

void pipe_on_room(struct pipe *pipe, void (*on_room)(void *owner), void *owner)
{
    loop_check(pipe->loop);
    pipe->on_room = on_room;
    pipe->owner = owner;
}

void pipe_put_end(struct pipe *pipe, bool whole)
{
    loop_check(pipe->loop);
    uv_mutex_lock(&pipe->lock);
    if (pipe->end == END_OPEN)
        pipe->end = whole ? END_WHOLE : END_BROKEN;
    leave_loop(pipe);
}

/* The lock held; unlocks. Returns as pipe_take does. */
static ssize_t take_all(struct pipe *pipe, struct buf *out)
{
    size_t run = waiting(pipe);
    enum end end = pipe->end;
    bool moved = run == 0 || move(out, &pipe->bytes) == ERR_OK;
    if (moved)
        tell_loop(pipe);
    uv_mutex_unlock(&pipe->lock);
    if (!moved)
        return -1;
    if (run > 0)
        return (ssize_t)run;
    return end == END_OPEN ? PIPE_NOTHING_YET : end == END_WHOLE ? 0 : -1;
}

ssize_t pipe_read(struct pipe *pipe, struct buf *out)
{
    uv_mutex_lock(&pipe->lock);
    while (waiting(pipe) == 0 && pipe->end == END_OPEN)
        uv_cond_wait(&pipe->changed, &pipe->lock);
    return take_all(pipe, out);
}

ssize_t pipe_take(struct pipe *pipe, struct buf *out)
{
    uv_mutex_lock(&pipe->lock);
    pipe->notify.waits = waiting(pipe) == 0 && pipe->end == END_OPEN;
    return take_all(pipe, out);
}

void pipe_read_end(struct pipe *pipe)
{
    uv_mutex_lock(&pipe->lock);
    notify_end(&pipe->notify, &pipe->lock);
    pipe->thread_left = true;
    pipe->bytes.length = pipe->read_bytes = 0;
    tell_loop(pipe);
    let_go(pipe);
}
