/* A pipe: a bounded buffer of bytes between a loop, which never waits, and another thread, which may. Outward, it
 * carries the body of a reply: the thread writes while the loop sends. Inward, it carries the body of a request: the
 * thread reads while the loop receives.
 *
 * The pipe has two holders, the loop and the thread; each lets go of it once, and the last frees it. pipe_write and
 * pipe_read may wait, so their caller must not hold the GIL. */
#ifndef TANDEM_STREAM_PIPE_H
#define TANDEM_STREAM_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct loop;
struct pipe;
struct stream;

enum {
    PIPE_BYTES = 64 * 1024,         /* limit outward; one piece may exceed it */
    PIPE_INWARD_BYTES = 384 * 1024, /* limit inward; larger, since each hand-over wakes both threads */
};

/* ANY thread. Returns a pipe with both holders; NULL if memory ran out. */
struct pipe *pipe_new(struct loop *loop);

/* Outward. Returns the loop's end, for reply_stream. Closing the stream lets go of the pipe. */
struct stream *pipe_stream(struct pipe *pipe);

/* Outward, THREAD. Waits while the pipe is full, then copies the piece. False: the loop has let go, or memory ran out.
 * In the second case, the loop finds the stream broken. */
bool pipe_write(struct pipe *pipe, const char *bytes, size_t length);

/* Outward, a THREAD that must not wait. Copies the piece. PIPE_FULL: the piece was taken, but there is no room for
 * another; on_change(owner) follows when there is. PIPE_LEFT: the loop has let go, or memory ran out.
 *
 * pipe_on_change sets on_change. It is also called when the loop lets go of the pipe. It runs on the loop. It must
 * neither wait nor let go of the pipe. */
enum pipe_state { PIPE_ROOM, PIPE_FULL, PIPE_LEFT };
enum pipe_state pipe_offer(struct pipe *pipe, const char *bytes, size_t length);
void pipe_on_change(struct pipe *pipe, void (*on_change)(void *owner), void *owner);

/* Outward, THREAD. True if the client sends nothing more, and has perhaps left. on_change(owner) is called when that
 * becomes true. */
bool pipe_half_closed(struct pipe *pipe);

/* Outward, THREAD. Lets go of the pipe; no on_change follows. whole: the body is complete; otherwise the stream is
 * broken, and the client must be able to see that. */
void pipe_write_end(struct pipe *pipe, bool whole);

/* Inward, LOOP. Returns how many bytes there is room for. The room may grow at any time. */
size_t pipe_room(struct pipe *pipe);

/* Inward, LOOP. Takes the contents of bytes, which is empty afterwards. If the pipe is empty, it swaps memory with
 * bytes instead of copying. False: the pipe is full; on_room(owner) follows on the loop when there is room again, or
 * when the thread lets go. */
bool pipe_put(struct pipe *pipe, struct buf *bytes);
void pipe_on_room(struct pipe *pipe, void (*on_room)(void *owner), void *owner);

/* Inward, LOOP. Lets go of the pipe; no on_room follows. whole: the body is complete; otherwise it is broken. */
void pipe_put_end(struct pipe *pipe, bool whole);

/* Inward, THREAD. Waits for bytes or the end, appends all bytes to out, and returns how many. 0: the body is
 * complete. -1: the body is broken, or memory ran out. If out is empty, nothing is copied. */
ssize_t pipe_read(struct pipe *pipe, struct buf *out);

/* Inward, a THREAD that must not wait. The same as pipe_read, but returns PIPE_NOTHING_YET if there is nothing;
 * on_change(owner) follows when there is something. */
enum { PIPE_NOTHING_YET = -2 };
ssize_t pipe_take(struct pipe *pipe, struct buf *out);

/* Inward, THREAD. Lets go of the pipe; no on_change follows. */
void pipe_read_end(struct pipe *pipe);

#endif
