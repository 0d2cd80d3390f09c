/* The inward direction of a pipe: the body of a request on its way to a thread. */
#include "base/buf.h"
#include "core/loop.h"
#include "stream/pipe_ends.h"

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
    size_t bytes = pipe_waiting(pipe);
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
    pipe->loop_waits = pipe_waiting(pipe) >= PIPE_INWARD_BYTES && !pipe->thread_left;
    bool room = !pipe->loop_waits;
    if (pipe->notify.waits)
        notify_and_unlock(&pipe->notify, &pipe->lock);
    else
        uv_mutex_unlock(&pipe->lock);
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
    pipe_leave_loop(pipe);
}

/* The lock held; unlocks. Returns as pipe_take does. */
static ssize_t take_all(struct pipe *pipe, struct buf *out)
{
    size_t run = pipe_waiting(pipe);
    enum end end = pipe->end;
    bool moved = run == 0 || move(out, &pipe->bytes) == ERR_OK;
    if (moved)
        pipe_tell_loop(pipe);
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
    while (pipe_waiting(pipe) == 0 && pipe->end == END_OPEN)
        uv_cond_wait(&pipe->changed, &pipe->lock);
    return take_all(pipe, out);
}

ssize_t pipe_take(struct pipe *pipe, struct buf *out)
{
    uv_mutex_lock(&pipe->lock);
    pipe->notify.waits = pipe_waiting(pipe) == 0 && pipe->end == END_OPEN;
    return take_all(pipe, out);
}

void pipe_read_end(struct pipe *pipe)
{
    uv_mutex_lock(&pipe->lock);
    notify_end(&pipe->notify, &pipe->lock);
    pipe->thread_left = true;
    pipe->bytes.length = pipe->read_bytes = 0;
    pipe_tell_loop(pipe);
    pipe_let_go(pipe);
}
