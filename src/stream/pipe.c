#include "stream/pipe_ends.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/check.h"
#include "base/list.h"
#include "core/loop.h"

static struct pipe *pipe_of(struct stream *stream)
{
    return CONTAINER_OF(stream, struct pipe, stream);
}

size_t pipe_waiting(const struct pipe *pipe)
{
    return pipe->bytes.length - pipe->read_bytes;
}

void pipe_let_go(struct pipe *pipe)
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
    pipe_let_go(pipe);
}

void pipe_tell_loop(struct pipe *pipe)
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
    size_t left = pipe_waiting(pipe);
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
    if (pipe->notify.waits && pipe_waiting(pipe) <= PIPE_BYTES / 2)
        notify_and_unlock(&pipe->notify, &pipe->lock);
    else
        uv_mutex_unlock(&pipe->lock);
    if (run > 0) {
        uv_cond_signal(&pipe->changed); /* after the unlock: the woken thread needs the lock */
        return (ssize_t)run;
    }
    return end == END_OPEN ? STREAM_NOTHING_YET : end == END_WHOLE ? STREAM_END : STREAM_BROKEN;
}

void pipe_leave_loop(struct pipe *pipe)
{
    loop_check(pipe->loop);
    pipe->loop_left = true;
    uv_cond_signal(&pipe->changed);
    notify_and_unlock(&pipe->notify, &pipe->lock);
    uv_mutex_lock(&pipe->lock);
    pipe_let_go(pipe);
}

static void close_stream(struct stream *stream)
{
    struct pipe *pipe = pipe_of(stream);
    uv_mutex_lock(&pipe->lock);
    pipe_leave_loop(pipe);
}

static void half_close(struct stream *stream)
{
    struct pipe *pipe = pipe_of(stream);
    uv_mutex_lock(&pipe->lock);
    pipe->half_closed = true;
    notify_and_unlock(&pipe->notify, &pipe->lock);
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
    while (pipe_waiting(pipe) >= PIPE_BYTES && !pipe->loop_left)
        uv_cond_wait(&pipe->changed, &pipe->lock);
    add(pipe, bytes, length);
    bool good = !pipe->loop_left && pipe->end == END_OPEN;
    pipe_tell_loop(pipe);
    uv_mutex_unlock(&pipe->lock);
    return good;
}

enum pipe_state pipe_offer(struct pipe *pipe, const char *bytes, size_t length)
{
    uv_mutex_lock(&pipe->lock);
    add(pipe, bytes, length);
    bool left = pipe->loop_left || pipe->end != END_OPEN;
    pipe->notify.waits = !left && pipe_waiting(pipe) >= PIPE_BYTES;
    enum pipe_state state = left ? PIPE_LEFT : pipe->notify.waits ? PIPE_FULL : PIPE_ROOM;
    pipe_tell_loop(pipe);
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
    pipe_tell_loop(pipe);
    pipe_let_go(pipe);
}
