/* A pipe: bytes between a loop, which never waits, and another thread, which does. Bounded. Outward it is the body of a
 * reply that the thread writes while the loop sends it; inward the body of a request that the thread reads while it is
 * coming in.
 *
 * Two holders, the loop and the thread; each lets go of it once. What the thread calls may wait, so it must not hold
 * the GIL. */
#ifndef TANDEM_CORE_PIPE_H
#define TANDEM_CORE_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct loop;
struct pipe;
struct stream;

enum {
    PIPE_BYTES = 64 * 1024,         /* that wait in it outward; a piece may go over that */
    PIPE_INWARD_BYTES = 384 * 1024, /* likewise inward: each handing over has two threads wake up */
};

/* ANY thread. NULL where memory ran out. */
struct pipe *pipe_new(struct loop *loop);

/* Outward. The loop's end, to be given to reply_stream, which lets go of it. */
struct stream *pipe_stream(struct pipe *pipe);

/* Outward, THREAD. Copies the piece; waits first where the pipe is full. False: the loop has let go of it, or memory
 * ran out, which the loop will see. */
bool pipe_write(struct pipe *pipe, const char *bytes, size_t length);

/* Outward, a THREAD that must not wait. Copies the piece. PIPE_FULL: taken, but that is enough for now;
 * on_change(owner) follows when there is room again. It also follows when the loop lets go of the pipe. It runs under
 * the pipe's lock, on the loop, and may do no more than post a note. */
enum pipe_state { PIPE_ROOM, PIPE_FULL, PIPE_LEFT };
enum pipe_state pipe_offer(struct pipe *pipe, const char *bytes, size_t length);
void pipe_on_change(struct pipe *pipe, void (*on_change)(void *owner), void *owner);

/* Outward, THREAD. Whether the client sends nothing more, and has perhaps left; on_change(owner) follows then. */
bool pipe_half_closed(struct pipe *pipe);

/* Outward, THREAD. Lets go of the pipe; no on_change follows. whole: that was all; else the client is to see that it
 * was not. */
void pipe_write_end(struct pipe *pipe, bool whole);

/* Inward, LOOP. How much it has room for; it may grow meanwhile. */
size_t pipe_room(struct pipe *pipe);

/* Inward, LOOP. Takes what is in bytes, which is empty then; they exchange their memory where they can, so that nothing
 * is copied. False: that is enough for now; on_room(owner) follows on the loop when there is room again, or when the
 * thread reads no more. */
bool pipe_put(struct pipe *pipe, struct buf *bytes);
void pipe_on_room(struct pipe *pipe, void (*on_room)(void *owner), void *owner);

/* Inward, LOOP. Lets go of the pipe; no on_room follows. whole: that was all. */
void pipe_put_end(struct pipe *pipe, bool whole);

/* Inward, THREAD. Puts all that has come behind what is in out, as soon as there is some: how much that is, 0 where
 * that was all, -1 where it is not whole or memory ran out. Where out was empty, nothing is copied. */
ssize_t pipe_read(struct pipe *pipe, struct buf *out);

/* Inward, a THREAD that must not wait: the same at once; PIPE_NOTHING_YET where there is nothing, and on_change(owner)
 * follows when there is. */
enum { PIPE_NOTHING_YET = -2 };
ssize_t pipe_take(struct pipe *pipe, struct buf *out);

/* Inward, THREAD. Lets go of the pipe; no on_change follows. */
void pipe_read_end(struct pipe *pipe);

#endif
