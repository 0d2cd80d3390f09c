#include "stream/ws_channel.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/check.h"
#include "base/list.h"
#include "core/loop.h"
#include "stream/notify.h"

/* One direction of a channel. */
struct lane {
    STAILQ_HEAD(ws_messages, ws_message) messages;
    unsigned count;
    size_t bytes;           /* of its messages, and outward also of those taken but not sent yet */
    struct closing closing; /* code 0: the lane is open */
};

struct ws_channel {
    void (*on_change)(void *owner); /* tells the loop */
    void *owner;
    struct loop *loop;
    struct inbox_message inbox_message;
    uv_mutex_t lock;  /* guards the fields below */
    unsigned holders; /* the loop, the thread, and the posted message */
    struct lane in, out;
    struct notify notify;           /* for the thread */
    bool message_posted;            /* inbox_message is posted, and not delivered yet */
    bool wants_room, wants_message; /* the loop waits for room in in, for a message in out */
    bool loop_left, thread_left;    /* has let go */
};

static void push(struct lane *lane, struct ws_message *message)
{
    STAILQ_INSERT_TAIL(&lane->messages, message, link);
    lane->count++;
    lane->bytes += message->body.length;
}

static struct ws_message *pop(struct lane *lane)
{
    struct ws_message *message = STAILQ_FIRST(&lane->messages);
    if (!message)
        return NULL;
    STAILQ_REMOVE_HEAD(&lane->messages, link);
    lane->count--;
    return message;
}

static bool is_full(const struct lane *lane)
{
    return lane->bytes >= WS_CHANNEL_BYTES || lane->count >= WS_CHANNEL_MESSAGES;
}

static bool has_room(const struct lane *lane)
{
    return lane->bytes <= WS_CHANNEL_BYTES / 2 && lane->count <= WS_CHANNEL_MESSAGES / 2;
}

static void drop_all(struct lane *lane)
{
    struct ws_message *message;
    while ((message = pop(lane)))
        ws_message_free(message);
    lane->bytes = 0;
}

static void close_lane(struct lane *lane, const struct closing *closing)
{
    if (!lane->closing.code)
        lane->closing = *closing;
}

/* The lock held; unlocks. Drops one holder; the last frees the channel. */
static void let_go(struct ws_channel *channel)
{
    bool last = --channel->holders == 0;
    uv_mutex_unlock(&channel->lock);
    if (!last)
        return;
    uv_mutex_destroy(&channel->lock);
    notify_destroy(&channel->notify);
    drop_all(&channel->in);
    drop_all(&channel->out);
    free(channel);
}

static void deliver(struct inbox_message *inbox_message)
{
    struct ws_channel *channel = CONTAINER_OF(inbox_message, struct ws_channel, inbox_message);
    uv_mutex_lock(&channel->lock);
    channel->message_posted = false;
    bool left = channel->loop_left;
    uv_mutex_unlock(&channel->lock);
    if (!left)
        channel->on_change(channel->owner);
    uv_mutex_lock(&channel->lock);
    let_go(channel);
}

/* The lock held. Posts the message to the loop. */
static void tell_loop(struct ws_channel *channel)
{
    if (channel->loop_left || channel->message_posted)
        return;
    channel->message_posted = true;
    channel->holders++;
    loop_post(channel->loop, &channel->inbox_message);
}

/* The lock held. Takes the next message, or else the closing. */
static enum ws_channel_state take(struct lane *lane, struct ws_message **out, struct closing *closing)
{
    *out = pop(lane);
    if (*out)
        return WS_CHANNEL_MESSAGE;
    if (!lane->closing.code)
        return WS_CHANNEL_NOTHING_YET;
    *closing = lane->closing;
    return WS_CHANNEL_CLOSED;
}

struct ws_channel *ws_channel_new(struct loop *loop, void (*on_change)(void *owner), void *owner)
{
    struct ws_channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return NULL;
    channel->loop = loop;
    channel->on_change = on_change;
    channel->owner = owner;
    channel->inbox_message.deliver = deliver;
    channel->holders = 2;
    STAILQ_INIT(&channel->in.messages);
    STAILQ_INIT(&channel->out.messages);
    CHECK(uv_mutex_init(&channel->lock) == 0);
    notify_init(&channel->notify);
    return channel;
}

bool ws_channel_put(struct ws_channel *channel, struct ws_message *message)
{
    loop_check(channel->loop);
    uv_mutex_lock(&channel->lock);
    bool wanted = !channel->thread_left && !channel->in.closing.code;
    if (wanted)
        push(&channel->in, message);
    channel->wants_room = wanted && is_full(&channel->in);
    bool room = !channel->wants_room;
    notify_and_unlock(&channel->notify, &channel->lock, channel->notify.waits);
    if (!wanted)
        ws_message_free(message);
    return room;
}

bool ws_channel_has_room(struct ws_channel *channel)
{
    loop_check(channel->loop);
    uv_mutex_lock(&channel->lock);
    bool room = !channel->wants_room;
    uv_mutex_unlock(&channel->lock);
    return room;
}

void ws_channel_put_closing(struct ws_channel *channel, const struct closing *closing)
{
    loop_check(channel->loop);
    uv_mutex_lock(&channel->lock);
    close_lane(&channel->in, closing);
    notify_and_unlock(&channel->notify, &channel->lock, channel->notify.waits);
}

enum ws_channel_state ws_channel_next(struct ws_channel *channel, struct ws_message **out, struct closing *closing)
{
    uv_mutex_lock(&channel->lock);
    enum ws_channel_state state = take(&channel->out, out, closing);
    channel->wants_message = state == WS_CHANNEL_NOTHING_YET;
    uv_mutex_unlock(&channel->lock);
    return state;
}

void ws_channel_sent(struct ws_channel *channel, size_t bytes)
{
    loop_check(channel->loop);
    uv_mutex_lock(&channel->lock);
    CHECK(bytes <= channel->out.bytes);
    channel->out.bytes -= bytes;
    notify_and_unlock(&channel->notify, &channel->lock, channel->notify.waits && has_room(&channel->out));
}

void ws_channel_leave_loop(struct ws_channel *channel)
{
    loop_check(channel->loop);
    struct closing closing = closing_of(CLOSE_ABNORMAL, NULL, 0);
    uv_mutex_lock(&channel->lock);
    channel->loop_left = true;
    close_lane(&channel->in, &closing);
    drop_all(&channel->out);
    notify_and_unlock(&channel->notify, &channel->lock, channel->notify.waits);
    uv_mutex_lock(&channel->lock);
    let_go(channel);
}

void ws_channel_on_change(struct ws_channel *channel, void (*on_change)(void *owner), void *owner)
{
    uv_mutex_lock(&channel->lock);
    channel->notify.on_change = on_change;
    channel->notify.owner = owner;
    uv_mutex_unlock(&channel->lock);
}

static bool is_closed(const struct ws_channel *channel)
{
    return channel->in.closing.code || channel->out.closing.code;
}

enum ws_channel_room ws_channel_may_send(struct ws_channel *channel)
{
    uv_mutex_lock(&channel->lock);
    enum ws_channel_room room = is_closed(channel)       ? WS_CHANNEL_LEFT
                                : is_full(&channel->out) ? WS_CHANNEL_FULL
                                                         : WS_CHANNEL_ROOM;
    channel->notify.waits = channel->notify.waits || room == WS_CHANNEL_FULL;
    uv_mutex_unlock(&channel->lock);
    return room;
}

void ws_channel_send(struct ws_channel *channel, struct ws_message *message)
{
    uv_mutex_lock(&channel->lock);
    bool wanted = !is_closed(channel);
    if (wanted)
        push(&channel->out, message);
    if (wanted && channel->wants_message) {
        channel->wants_message = false;
        tell_loop(channel);
    }
    uv_mutex_unlock(&channel->lock);
    if (!wanted)
        ws_message_free(message);
}

void ws_channel_close(struct ws_channel *channel, const struct closing *closing)
{
    uv_mutex_lock(&channel->lock);
    close_lane(&channel->out, closing);
    tell_loop(channel);
    uv_mutex_unlock(&channel->lock);
}

enum ws_channel_state ws_channel_receive(struct ws_channel *channel, struct ws_message **out, struct closing *closing)
{
    uv_mutex_lock(&channel->lock);
    enum ws_channel_state state = take(&channel->in, out, closing);
    if (state == WS_CHANNEL_MESSAGE)
        channel->in.bytes -= (*out)->body.length;
    channel->notify.waits = channel->notify.waits || state == WS_CHANNEL_NOTHING_YET;
    if (channel->wants_room && has_room(&channel->in)) {
        channel->wants_room = false;
        tell_loop(channel);
    }
    uv_mutex_unlock(&channel->lock);
    return state;
}

void ws_channel_leave_thread(struct ws_channel *channel)
{
    struct closing closing = closing_of(CLOSE_SERVER_ERROR, NULL, 0);
    uv_mutex_lock(&channel->lock);
    notify_end(&channel->notify, &channel->lock);
    channel->thread_left = true;
    channel->wants_room = false;
    close_lane(&channel->out, &closing);
    drop_all(&channel->in);
    tell_loop(channel);
    let_go(channel);
}
