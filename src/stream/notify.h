/* How the loop notifies the thread at the other end of a pipe or a channel. The callback runs while no lock is held.
 *
 * Both ends share a lock, which guards the fields. The loop unlocks before it calls on_change, whose owner belongs to
 * the thread. So the thread, before it forgets the owner, waits until the call has returned: notify_end. */
#ifndef TANDEM_STREAM_NOTIFY_H
#define TANDEM_STREAM_NOTIFY_H

#include <stdbool.h>
#include <uv.h>

struct notify {
    void (*on_change)(void *owner); /* NULL: the thread blocks in pipe_read or pipe_write instead, or has let go */
    void *owner;
    bool waits;   /* the thread waits for a change: set by pipe.c and ws_channel.c, cleared by notify_and_unlock */
    bool calling; /* on_change is running */
    uv_cond_t called;
};

/* LOOP or THREAD, while only one thread uses the struct. */
void notify_init(struct notify *notify);
void notify_destroy(struct notify *notify);

/* LOOP, the lock held; unlocks. due: there is a change to report; then calls on_change if it is set. on_change must
 * neither wait nor let go of the pipe or channel. */
void notify_and_unlock(struct notify *notify, uv_mutex_t *lock, bool due);

/* THREAD, the lock held. No on_change follows. Waits while one is running. */
void notify_end(struct notify *notify, uv_mutex_t *lock);

#endif
