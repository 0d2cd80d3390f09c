/* A channel: messages both ways between a loop and another thread, neither of which waits. Bounded: so much that the
 * other side has not taken, and a side is told to stop. It is closed from either side, with a code and a reason, behind
 * the messages that are in it.
 *
 * Two holders, the loop and the thread; each lets go of it once. What is told to the thread (channel_on_change) is told
 * under the channel's lock, on the loop, and may do no more than post a note. */
#ifndef TANDEM_CORE_CHANNEL_H
#define TANDEM_CORE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/message.h"

struct channel;
struct loop;

enum {
    CHANNEL_BYTES = 64 * 1024, /* that wait in one direction; a message may go over that */
    CHANNEL_MESSAGES = 64,     /* likewise */
};

enum channel_state {
    CHANNEL_NOTHING_YET, /* a change follows when there is something */
    CHANNEL_MESSAGE,
    CHANNEL_CLOSED, /* there are no more; also every time after that */
};

/* LOOP. on_change(owner), on the loop: there is something to take, or room again. NULL where memory ran out. */
struct channel *channel_new(struct loop *loop, void (*on_change)(void *owner), void *owner);

/* LOOP. Takes the message. False: that is enough for now; on_change follows when there is room again. */
bool channel_put(struct channel *channel, struct message *message);

/* LOOP. Whether there is room again. */
bool channel_has_room(struct channel *channel);

/* LOOP. No message follows, nor is one taken any more; the first closing counts. */
void channel_put_closing(struct channel *channel, const struct closing *closing);

/* LOOP. The thread's next message (*out: owned) or its closing. */
enum channel_state channel_next(struct channel *channel, struct message **out, struct closing *closing);

/* LOOP. So many bytes of the messages that it got are on their way. */
void channel_sent(struct channel *channel, size_t bytes);

/* LOOP. Lets go of it; no on_change follows. Where there was no closing it is CLOSE_ABNORMAL. */
void channel_leave_loop(struct channel *channel);

/* THREAD. on_change(owner) follows when there is what the thread was told to wait for. */
void channel_on_change(struct channel *channel, void (*on_change)(void *owner), void *owner);

/* THREAD. Whether a message may be sent. CHANNEL_FULL: a change follows when there is room again. CHANNEL_LEFT: one of
 * both has closed. */
enum channel_room { CHANNEL_ROOM, CHANNEL_FULL, CHANNEL_LEFT };
enum channel_room channel_may_send(struct channel *channel);

/* THREAD. Takes the message; behind a closing it goes nowhere. */
void channel_send(struct channel *channel, struct message *message);

/* THREAD. Behind what was sent; the first closing counts. */
void channel_close(struct channel *channel, const struct closing *closing);

/* THREAD. The loop's next message (*out: owned) or its closing. */
enum channel_state channel_receive(struct channel *channel, struct message **out, struct closing *closing);

/* THREAD. Lets go of it; no change follows. Where there was no closing it is CLOSE_SERVER_ERROR. */
void channel_leave_thread(struct channel *channel);

#endif
