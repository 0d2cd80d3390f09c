/* A channel: websocket messages in both directions between a loop and another thread, neither of which waits. Each
 * direction is bounded: when it is full, its writer is told to stop. Either side closes the channel, with a code and a
 * reason, after the messages already in it.
 *
 * The channel has two holders, the loop and the thread; each lets go of it once, and the last frees it. The thread's
 * on_change (ws_channel_on_change) runs on the loop. It must neither wait nor let go of the channel. */
#ifndef TANDEM_STREAM_WS_CHANNEL_H
#define TANDEM_STREAM_WS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "stream/ws_message.h"

struct ws_channel;
struct loop;

enum {
    WS_CHANNEL_BYTES = 64 * 1024, /* limit of one direction; one message may exceed it */
    WS_CHANNEL_MESSAGES = 64,     /* likewise, in messages */
};

enum ws_channel_state {
    WS_CHANNEL_NOTHING_YET, /* on_change follows when there is something */
    WS_CHANNEL_MESSAGE,
    WS_CHANNEL_CLOSED, /* there are no more messages; every later call returns this too */
};

/* LOOP. Returns a channel with both holders; NULL if memory ran out. on_change(owner) runs on the loop when there is
 * something to take, or room again. */
struct ws_channel *ws_channel_new(struct loop *loop, void (*on_change)(void *owner), void *owner);

/* LOOP. Takes the message; drops it if the thread has let go, or after a put_closing. False: the channel is full;
 * on_change follows when there is room again. */
bool ws_channel_put(struct ws_channel *channel, struct ws_message *message);

/* LOOP. True if there is room again. */
bool ws_channel_has_room(struct ws_channel *channel);

/* LOOP. Closes the channel: messages put or sent from now on are dropped. The first closing counts. */
void ws_channel_put_closing(struct ws_channel *channel, const struct closing *closing);

/* LOOP. Gets the thread's next message (*out: owned) or its closing. */
enum ws_channel_state ws_channel_next(struct ws_channel *channel, struct ws_message **out, struct closing *closing);

/* LOOP. So many bytes of the messages from ws_channel_next have been framed for sending: they no longer count as
 * waiting. */
void ws_channel_sent(struct ws_channel *channel, size_t bytes);

/* LOOP. Lets go of the channel; no on_change follows. Without a closing before, the thread gets CLOSE_ABNORMAL. */
void ws_channel_leave_loop(struct ws_channel *channel);

/* THREAD. Sets on_change(owner), which runs when the thread may find what it was told to wait for. */
void ws_channel_on_change(struct ws_channel *channel, void (*on_change)(void *owner), void *owner);

/* THREAD. Returns whether a message may be sent. WS_CHANNEL_FULL: on_change follows when there is room again.
 * WS_CHANNEL_LEFT: one of the sides has closed the channel. */
enum ws_channel_room { WS_CHANNEL_ROOM, WS_CHANNEL_FULL, WS_CHANNEL_LEFT };
enum ws_channel_room ws_channel_may_send(struct ws_channel *channel);

/* THREAD. Takes the message; drops it if one of the sides has closed the channel. */
void ws_channel_send(struct ws_channel *channel, struct ws_message *message);

/* THREAD. Closes the channel after the messages already sent. The first closing counts. */
void ws_channel_close(struct ws_channel *channel, const struct closing *closing);

/* THREAD. Gets the loop's next message (*out: owned) or its closing. */
enum ws_channel_state ws_channel_receive(struct ws_channel *channel, struct ws_message **out, struct closing *closing);

/* THREAD. Lets go of the channel; no on_change follows. Without a closing before, the loop gets CLOSE_SERVER_ERROR. */
void ws_channel_leave_thread(struct ws_channel *channel);

#endif
