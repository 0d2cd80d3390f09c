#include "core/channel.h"

#include <stdlib.h>
#include <uv.h>

#include "base/check.h"
#include "base/list.h"
#include "core/loop.h"

/* One direction. */
struct lane {
    struct message *first, *last;
    unsigned count;
    size_t bytes;           /* that its writer waits for: of the messages in it, and outward of those not sent yet */
    struct closing closing; /* code 0: it is open */
};

struct channel {
    void (*on_change)(void *owner); /* the loop's */
    void *owner;
    struct loop *loop;
    struct note note;
    uv_mutex_t lock;  /* guards what is below */
    unsigned holders; /* the loop, the thread, the note while it is under way */
    struct lane in, out;
    void (*on_thread_change)(void *owner);
    void *thread_owner;
    bool noted;
    bool wants_room, wants_message; /* the loop waits for that */
    bool thread_waits;
    bool loop_left, thread_left;
};

static void push(struct lane *lane, struct message *message)
{
    message->next = NULL;
    if (lane->last)
        lane->last->next = message;
    else
        lane->first = message;
    lane->last = message;
    lane->count++;
    lane->bytes += message->body.length;
}

static struct message *pop(struct lane *lane)
{
    struct message *message = lane->first;
    if (!message)
        return NULL;
    lane->first = message->next;
    if (!lane->first)
        lane->last = NULL;
    lane->count--;
    message->next = NULL;
    return message;
}

static bool is_full(const struct lane *lane)
{
    return lane->bytes >= CHANNEL_BYTES || lane->count >= CHANNEL_MESSAGES;
}

static bool has_room(const struct lane *lane)
{
    return lane->bytes <= CHANNEL_BYTES / 2 && lane->count <= CHANNEL_MESSAGES / 2;
}

static void drop_all(struct lane *lane)
{
    struct message *message;
    while ((message = pop(lane)))
        message_free(message);
    lane->bytes = 0;
}

static void close_lane(struct lane *lane, const struct closing *closing)
{
    if (!lane->closing.code)
        lane->closing = *closing;
}

/* The lock held; lets go of it. */
static void let_go(struct channel *channel)
{
    bool last = --channel->holders == 0;
    uv_mutex_unlock(&channel->lock);
    if (!last)
        return;
    uv_mutex_destroy(&channel->lock);
    drop_all(&channel->in);
    drop_all(&channel->out);
    free(channel);
}

static void deliver(struct note *note)
{
    struct channel *channel = CONTAINER_OF(note, struct channel, note);
    uv_mutex_lock(&channel->lock);
    channel->noted = false;
    bool left = channel->loop_left;
    uv_mutex_unlock(&channel->lock);
    if (!left)
        channel->on_change(channel->owner);
    uv_mutex_lock(&channel->lock);
    let_go(channel);
}

/* The lock held. */
static void tell_loop(struct channel *channel)
{
    if (channel->loop_left || channel->noted)
        return;
    channel->noted = true;
    channel->holders++;
    loop_post(channel->loop, &channel->note);
}

/* The lock held. */
static void tell_thread(struct channel *channel)
{
    if (!channel->thread_waits)
        return;
    channel->thread_waits = false;
    if (channel->on_thread_change)
        channel->on_thread_change(channel->thread_owner);
}

/* The lock held. */
static enum channel_state take(struct lane *lane, struct message **out, struct closing *closing)
{
    *out = pop(lane);
    if (*out)
        return CHANNEL_MESSAGE;
    if (!lane->closing.code)
        return CHANNEL_NOTHING_YET;
    *closing = lane->closing;
    return CHANNEL_CLOSED;
}

struct channel *channel_new(struct loop *loop, void (*on_change)(void *owner), void *owner)
{
    struct channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return NULL;
    channel->loop = loop;
    channel->on_change = on_change;
    channel->owner = owner;
    channel->note.deliver = deliver;
    channel->holders = 2;
    CHECK(uv_mutex_init(&channel->lock) == 0);
    return channel;
}

bool channel_put(struct channel *channel, struct message *message)
{
    uv_mutex_lock(&channel->lock);
    bool wanted = !channel->thread_left && !channel->in.closing.code;
    if (wanted)
        push(&channel->in, message);
    channel->wants_room = wanted && is_full(&channel->in);
    bool room = !channel->wants_room;
    tell_thread(channel);
    uv_mutex_unlock(&channel->lock);
    if (!wanted)
        message_free(message);
    return room;
}

bool channel_has_room(struct channel *channel)
{
    uv_mutex_lock(&channel->lock);
    bool room = !channel->wants_room;
    uv_mutex_unlock(&channel->lock);
    return room;
}

void channel_put_closing(struct channel *channel, const struct closing *closing)
{
    uv_mutex_lock(&channel->lock);
    close_lane(&channel->in, closing);
    tell_thread(channel);
    uv_mutex_unlock(&channel->lock);
}

enum channel_state channel_next(struct channel *channel, struct message **out, struct closing *closing)
{
    uv_mutex_lock(&channel->lock);
    enum channel_state state = take(&channel->out, out, closing);
    channel->wants_message = state == CHANNEL_NOTHING_YET;
    uv_mutex_unlock(&channel->lock);
    return state;
}

void channel_sent(struct channel *channel, size_t bytes)
{
    uv_mutex_lock(&channel->lock);
    CHECK(bytes <= channel->out.bytes);
    channel->out.bytes -= bytes;
    if (has_room(&channel->out))
        tell_thread(channel);
    uv_mutex_unlock(&channel->lock);
}

void channel_leave_loop(struct channel *channel)
{
    struct closing closing = closing_of(CLOSE_ABNORMAL, NULL, 0);
    uv_mutex_lock(&channel->lock);
    channel->loop_left = true;
    close_lane(&channel->in, &closing);
    drop_all(&channel->out);
    tell_thread(channel);
    let_go(channel);
}

void channel_on_change(struct channel *channel, void (*on_change)(void *owner), void *owner)
{
    uv_mutex_lock(&channel->lock);
    channel->on_thread_change = on_change;
    channel->thread_owner = owner;
    uv_mutex_unlock(&channel->lock);
}

static bool is_closed(const struct channel *channel)
{
    return channel->in.closing.code || channel->out.closing.code;
}

enum channel_room channel_may_send(struct channel *channel)
{
    uv_mutex_lock(&channel->lock);
    enum channel_room room = is_closed(channel) ? CHANNEL_LEFT : is_full(&channel->out) ? CHANNEL_FULL : CHANNEL_ROOM;
    channel->thread_waits = channel->thread_waits || room == CHANNEL_FULL;
    uv_mutex_unlock(&channel->lock);
    return room;
}

void channel_send(struct channel *channel, struct message *message)
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
        message_free(message);
}

void channel_close(struct channel *channel, const struct closing *closing)
{
    uv_mutex_lock(&channel->lock);
    close_lane(&channel->out, closing);
    tell_loop(channel);
    uv_mutex_unlock(&channel->lock);
}

enum channel_state channel_receive(struct channel *channel, struct message **out, struct closing *closing)
{
    uv_mutex_lock(&channel->lock);
    enum channel_state state = take(&channel->in, out, closing);
    if (state == CHANNEL_MESSAGE)
        channel->in.bytes -= (*out)->body.length;
    channel->thread_waits = channel->thread_waits || state == CHANNEL_NOTHING_YET;
    if (channel->wants_room && has_room(&channel->in)) {
        channel->wants_room = false;
        tell_loop(channel);
    }
    uv_mutex_unlock(&channel->lock);
    return state;
}

void channel_leave_thread(struct channel *channel)
{
    struct closing closing = closing_of(CLOSE_SERVER_ERROR, NULL, 0);
    uv_mutex_lock(&channel->lock);
    channel->on_thread_change = NULL;
    channel->thread_left = true;
    channel->wants_room = false;
    close_lane(&channel->out, &closing);
    drop_all(&channel->in);
    tell_loop(channel);
    let_go(channel);
}
