#include "core/channel.h"

#include <stdio.h>
#include <string.h>

#include "rig.h"
#include "suite.h"

static struct channel *channel;
static unsigned loop_changes, thread_changes;
static struct message *message;
static struct closing closing;

static void on_loop_change(void *owner)
{
    ck_assert_ptr_eq(owner, &loop_changes);
    loop_changes++;
    uv_stop(&rig_loop->uv);
}

static void on_thread_change(void *owner)
{
    ck_assert_ptr_eq(owner, &thread_changes);
    thread_changes++;
}

static void open_channel(void)
{
    rig_open();
    loop_changes = thread_changes = 0;
    channel = channel_new(rig_loop, on_loop_change, &loop_changes);
    ck_assert_ptr_nonnull(channel);
    channel_on_change(channel, on_thread_change, &thread_changes);
}

static struct message *message_of(size_t length)
{
    struct buf body = {0};
    for (size_t i = 0; i < length; i++)
        ck_assert_int_eq(buf_append(&body, "x", 1), ERR_OK);
    struct message *made = message_new(length % 2, &body);
    ck_assert_ptr_nonnull(made);
    ck_assert_ptr_null(body.bytes);
    return made;
}

static void expect_received(size_t length)
{
    ck_assert_int_eq(channel_receive(channel, &message, &closing), CHANNEL_MESSAGE);
    ck_assert_uint_eq(message->body.length, length);
    ck_assert_int_eq(message->text, length % 2);
    message_free(message);
}

static void expect_next(size_t length)
{
    ck_assert_int_eq(channel_next(channel, &message, &closing), CHANNEL_MESSAGE);
    ck_assert_uint_eq(message->body.length, length);
    channel_sent(channel, length);
    message_free(message);
}

static void expect_code(const struct closing *found, unsigned code, const char *reason)
{
    ck_assert_uint_eq(found->code, code);
    ck_assert_uint_eq(found->reason_bytes, strlen(reason));
    ck_assert_mem_eq(found->reason, reason, strlen(reason));
}

/* LeakSanitizer says whether all is freed. */
static void close_channel(void)
{
    channel_leave_loop(channel);
    channel_leave_thread(channel);
    rig_close();
}

START_TEST(messages_come_out_in_their_order_and_then_the_close)
{
    struct closing first = closing_of(3000, "why", 3), second = closing_of(3001, "", 0);
    open_channel();
    for (size_t i = 0; i < 5; i++) {
        ck_assert(channel_put(channel, message_of(i)));
        channel_send(channel, message_of(10 + i));
    }
    channel_close(channel, &first);
    channel_close(channel, &second);
    for (size_t i = 0; i < 5; i++) {
        expect_received(i);
        expect_next(10 + i);
    }
    ck_assert_int_eq(channel_receive(channel, &message, &closing), CHANNEL_NOTHING_YET);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(channel_next(channel, &message, &closing), CHANNEL_CLOSED);
        expect_code(&closing, 3000, "why");
    }
    close_channel();
}
END_TEST

START_TEST(the_thread_is_told_of_what_it_waits_for_and_of_nothing_else)
{
    open_channel();
    ck_assert(channel_put(channel, message_of(1)));
    ck_assert_uint_eq(thread_changes, 0); /* it did not ask */
    expect_received(1);
    ck_assert_int_eq(channel_receive(channel, &message, &closing), CHANNEL_NOTHING_YET);
    ck_assert(channel_put(channel, message_of(2)));
    ck_assert(channel_put(channel, message_of(3)));
    ck_assert_uint_eq(thread_changes, 1);
    expect_received(2);
    expect_received(3);
    ck_assert_int_eq(channel_receive(channel, &message, &closing), CHANNEL_NOTHING_YET);
    channel_leave_loop(channel);
    ck_assert_uint_eq(thread_changes, 2);
    ck_assert_int_eq(channel_receive(channel, &message, &closing), CHANNEL_CLOSED);
    expect_code(&closing, CLOSE_ABNORMAL, "");
    channel_leave_thread(channel);
    rig_close();
}
END_TEST

START_TEST(the_loop_is_told_of_a_message_and_of_the_close)
{
    open_channel();
    ck_assert_int_eq(channel_next(channel, &message, &closing), CHANNEL_NOTHING_YET);
    channel_send(channel, message_of(1));
    channel_send(channel, message_of(2));
    loop_run(rig_loop);
    ck_assert_uint_eq(loop_changes, 1);
    expect_next(1);
    expect_next(2);
    ck_assert_int_eq(channel_next(channel, &message, &closing), CHANNEL_NOTHING_YET);
    channel_leave_thread(channel);
    loop_run(rig_loop);
    ck_assert_uint_eq(loop_changes, 2);
    ck_assert_int_eq(channel_next(channel, &message, &closing), CHANNEL_CLOSED);
    expect_code(&closing, CLOSE_SERVER_ERROR, "");
    channel_leave_loop(channel);
    rig_close();
}
END_TEST

START_TEST(outward_what_is_ahead_is_bounded_by_bytes)
{
    open_channel();
    ck_assert_int_eq(channel_may_send(channel), CHANNEL_ROOM);
    channel_send(channel, message_of(CHANNEL_BYTES + 1)); /* one may go over it */
    ck_assert_int_eq(channel_may_send(channel), CHANNEL_FULL);
    ck_assert_int_eq(channel_next(channel, &message, &closing), CHANNEL_MESSAGE);
    ck_assert_int_eq(channel_may_send(channel), CHANNEL_FULL); /* it is not sent yet */
    channel_sent(channel, CHANNEL_BYTES / 2);
    ck_assert_uint_eq(thread_changes, 0); /* there is hardly any room */
    channel_sent(channel, 1);
    ck_assert_uint_eq(thread_changes, 1);
    ck_assert_int_eq(channel_may_send(channel), CHANNEL_ROOM);
    channel_sent(channel, CHANNEL_BYTES / 2);
    message_free(message);
    close_channel();
}
END_TEST

START_TEST(and_by_their_number)
{
    open_channel();
    for (unsigned i = 0; i < CHANNEL_MESSAGES; i++) {
        ck_assert_int_eq(channel_may_send(channel), CHANNEL_ROOM);
        channel_send(channel, message_of(0));
        ck_assert_int_eq(channel_put(channel, message_of(0)), i + 1 < CHANNEL_MESSAGES);
    }
    ck_assert_int_eq(channel_may_send(channel), CHANNEL_FULL);
    while (thread_changes == 0)
        expect_next(0);
    ck_assert_int_eq(channel_may_send(channel), CHANNEL_ROOM);
    close_channel();
}
END_TEST

START_TEST(inward_the_loop_is_told_of_room)
{
    unsigned put = 0;
    open_channel();
    do
        put++;
    while (channel_put(channel, message_of(1000)));
    ck_assert_uint_eq(put, CHANNEL_MESSAGES);
    ck_assert(!channel_has_room(channel));
    while (!channel_has_room(channel)) {
        expect_received(1000);
        put--;
    }
    ck_assert_uint_le(put * 1000, CHANNEL_BYTES / 2);
    loop_run(rig_loop);
    ck_assert_uint_eq(loop_changes, 1);
    close_channel();
}
END_TEST

START_TEST(who_takes_no_more_makes_room_for_ever)
{
    open_channel();
    while (channel_put(channel, message_of(10000)))
        continue;
    channel_leave_thread(channel);
    ck_assert(channel_has_room(channel));
    for (unsigned i = 0; i < 100; i++)
        ck_assert(channel_put(channel, message_of(10000)));
    channel_leave_loop(channel);
    rig_close();
}
END_TEST

START_TEST(nothing_is_sent_behind_a_close_of_either_side)
{
    struct closing left = closing_of(1001, "", 0);
    open_channel();
    ck_assert(channel_put(channel, message_of(7)));
    channel_put_closing(channel, &left);
    ck_assert_int_eq(channel_may_send(channel), CHANNEL_LEFT);
    channel_send(channel, message_of(1));
    ck_assert_int_eq(channel_next(channel, &message, &closing), CHANNEL_NOTHING_YET);
    ck_assert(channel_put(channel, message_of(9)));
    expect_received(7); /* came before it */
    ck_assert_int_eq(channel_receive(channel, &message, &closing), CHANNEL_CLOSED);
    expect_code(&closing, 1001, "");
    close_channel();

    open_channel();
    channel_close(channel, &left);
    ck_assert_int_eq(channel_may_send(channel), CHANNEL_LEFT);
    close_channel();
}
END_TEST

enum { MANY = 20000 };

static uv_sem_t changed;

static void on_thread_change_posted(void *unused)
{
    (void)unused;
    uv_sem_post(&changed);
}

/* Echoes until there is no more, and sleeps while there is nothing to do: a change that is not told hangs the test. */
static void echo_all(void *unused)
{
    (void)unused;
    struct message *taken;
    struct closing last;
    enum channel_state state;
    channel_on_change(channel, on_thread_change_posted, NULL);
    while ((state = channel_receive(channel, &taken, &last)) != CHANNEL_CLOSED) {
        if (state == CHANNEL_NOTHING_YET) {
            uv_sem_wait(&changed);
            continue;
        }
        while (channel_may_send(channel) == CHANNEL_FULL)
            uv_sem_wait(&changed);
        channel_send(channel, taken);
    }
    channel_leave_thread(channel);
}

START_TEST(both_sides_at_once)
{
    struct closing end = closing_of(CLOSE_NORMAL, "", 0);
    uv_thread_t echo;
    rig_open();
    ck_assert_int_eq(uv_sem_init(&changed, 0), 0);
    channel = channel_new(rig_loop, on_loop_change, &loop_changes);
    ck_assert_int_eq(uv_thread_create(&echo, echo_all, NULL), 0);
    unsigned put = 0, got = 0;
    bool room = true;
    while (got < MANY) {
        while (put < MANY && (room || channel_has_room(channel)))
            room = channel_put(channel, message_of(put++ % 300));
        while (channel_next(channel, &message, &closing) == CHANNEL_MESSAGE) {
            ck_assert_uint_eq(message->body.length, got++ % 300);
            channel_sent(channel, message->body.length);
            message_free(message);
        }
        if (got < MANY)
            loop_run(rig_loop);
    }
    channel_put_closing(channel, &end);
    ck_assert_int_eq(uv_thread_join(&echo), 0);
    uv_sem_destroy(&changed);
    channel_leave_loop(channel);
    rig_close();
}
END_TEST

START_TEST(the_codes_that_may_be_sent)
{
    static const unsigned right[] = {1000, 1003, 1007, 1014, 3000, 4999};
    static const unsigned wrong[] = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535};
    for (unsigned i = 0; i < sizeof right / sizeof right[0]; i++)
        ck_assert(closing_is_valid_code(right[i]));
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert(!closing_is_valid_code(wrong[i]));
}
END_TEST

SUITE("channel", messages_come_out_in_their_order_and_then_the_close,
      the_thread_is_told_of_what_it_waits_for_and_of_nothing_else, the_loop_is_told_of_a_message_and_of_the_close,
      outward_what_is_ahead_is_bounded_by_bytes, and_by_their_number, inward_the_loop_is_told_of_room,
      who_takes_no_more_makes_room_for_ever, nothing_is_sent_behind_a_close_of_either_side, both_sides_at_once,
      the_codes_that_may_be_sent)
