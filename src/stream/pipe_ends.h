/* The parts shared by both directions of a pipe (pipe.h). For pipe.c and pipe_inward.c only. */
#ifndef TANDEM_STREAM_PIPE_ENDS_H
#define TANDEM_STREAM_PIPE_ENDS_H

#include <uv.h>

#include "core/inbox.h"
#include "core/stream.h"
#include "stream/notify.h"
#include "stream/pipe.h"

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

/* The lock held, here and below. Returns how many bytes the pipe holds. */
size_t pipe_waiting(const struct pipe *pipe);

/* Posts the message to the loop, if the loop waits. */
void pipe_tell_loop(struct pipe *pipe);

/* Drops one holder; the last frees the pipe. Unlocks. */
void pipe_let_go(struct pipe *pipe);

/* The loop lets go: notifies the thread, and drops the loop as a holder. Unlocks. */
void pipe_leave_loop(struct pipe *pipe);

#endif
