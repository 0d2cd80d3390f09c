/* What both directions of a pipe (pipe.h) stand on: for pipe.c and pipe_inward.c alone. */
#ifndef TANDEM_CORE_PIPE_ENDS_H
#define TANDEM_CORE_PIPE_ENDS_H

#include <uv.h>

#include "core/note.h"
#include "core/pipe.h"
#include "core/stream.h"

enum end { END_OPEN, END_WHOLE, END_BROKEN };

struct pipe {
    struct stream stream;         /* outward */
    void (*on_room)(void *owner); /* inward; LOOP only */
    void *owner;
    struct loop *loop;
    struct note note;  /* for the loop: that what it waits for is there */
    uv_mutex_t lock;   /* guards what is below */
    uv_cond_t changed; /* signalled for the thread */
    unsigned holders;  /* the loop, the thread, the note while it is under way */
    struct buf bytes;
    size_t read_bytes;              /* of bytes */
    enum end end;                   /* what the writing side says */
    void (*on_change)(void *owner); /* for a thread that does not wait; NULL: it does, or has let go */
    void *change_owner;
    bool thread_waits; /* for that */
    bool noted;        /* the note is under way */
    bool loop_waits;
    bool loop_left, thread_left;
    bool half_closed; /* the client's side of the connection */
};

/* All with the lock held. How much is in it. */
size_t pipe_waiting(const struct pipe *pipe);

/* Tells the loop, if that waits; the thread, if it is told of changes. */
void pipe_tell_loop(struct pipe *pipe);
void pipe_tell_thread(struct pipe *pipe);

/* One holder less; the loop. Both let go of the lock. */
void pipe_let_go(struct pipe *pipe);
void pipe_leave_loop(struct pipe *pipe);

#endif
