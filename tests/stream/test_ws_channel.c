#include "stream/ws_channel.h"

#include <stdio.h>
#include <string.h>

#include "core/rig.h"
#include "suite.h"

static struct ws_channel *channel;
static unsigned loop_changes, thread_changes;
static struct ws_message *message;
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
    channel = ws_channel_new(rig_loop, on_loop_change, &loop_changes);
    ck_assert_ptr_nonnull(channel);
    ws_channel_on_change(channel, on_thread_change, &thread_changes);
}

static struct ws_message *message_of(size_t length)
{
    struct buf body = {0};
    for (size_t i = 0; i < length; i++)
        ck_assert_int_eq(buf_append(&body, "x", 1), ERR_OK);
    struct ws_message *made = ws_message_new(length % 2, &body);
    ck_assert_ptr_nonnull(made);
    ck_assert_ptr_null(body.bytes);
    return made;
}

static void expect_received(size_t length)
{
    ck_assert_int_eq(ws_channel_receive(channel, &message, &closing), WS_CHANNEL_MESSAGE);
    ck_assert_uint_eq(message->body.length, length);
    ck_assert_int_eq(message->text, length % 2);
    ws_message_free(message);
}

static void expect_next(size_t length)
{
    ck_assert_int_eq(ws_channel_next(channel, &message, &closing), WS_CHANNEL_MESSAGE);
    ck_assert_uint_eq(message->body.length, length);
    ws_channel_sent(channel, length);
    ws_message_free(message);
}

static void expect_code(const struct closing *found, unsigned code, const char *reason)
{
    ck_assert_uint_eq(found->code, code);
    ck_assert_uint_eq(found->reason_bytes, strlen(reason));
    ck_assert_mem_eq(found->reason, reason, strlen(reason));
}

/* LeakSanitizer reports memory that is not freed. */
static void close_channel(void)
{
    ws_channel_leave_loop(channel);
    ws_channel_leave_thread(channel);
    rig_close();
}

START_TEST(messages_come_out_in_their_order_and_then_the_close)
{
    struct closing first = closing_of(3000, "why", 3), second = closing_of(3001, "", 0);
    open_channel();
    for (size_t i = 0; i < 5; i++) {
        ck_assert(ws_channel_put(channel, message_of(i)));
        ws_channel_send(channel, message_of(10 + i));
    }
    ws_channel_close(channel, &first);
    ws_channel_close(channel, &second);
    for (size_t i = 0; i < 5; i++) {
        expect_received(i);
        expect_next(10 + i);
    }
    ck_assert_int_eq(ws_channel_receive(channel, &message, &closing), WS_CHANNEL_NOTHING_YET);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(ws_channel_next(channel, &message, &closing), WS_CHANNEL_CLOSED);
        expect_code(&closing, 3000, "why");
    }
    close_channel();
}
END_TEST

START_TEST(the_thread_is_told_of_what_it_waits_for_and_of_nothing_else)
{
    open_channel();
    ck_assert(ws_channel_put(channel, message_of(1)));
    ck_assert_uint_eq(thread_changes, 0); /* the thread did not ask */
    expect_received(1);
    ck_assert_int_eq(ws_channel_receive(channel, &message, &closing), WS_CHANNEL_NOTHING_YET);
    ck_assert(ws_channel_put(channel, message_of(2)));
    ck_assert(ws_channel_put(channel, message_of(3)));
    ck_assert_uint_eq(thread_changes, 1);
    expect_received(2);
    expect_received(3);
    ck_assert_int_eq(ws_channel_receive(channel, &message, &closing), WS_CHANNEL_NOTHING_YET);
    ws_channel_leave_loop(channel);
    ck_assert_uint_eq(thread_changes, 2);
    ck_assert_int_eq(ws_channel_receive(channel, &message, &closing), WS_CHANNEL_CLOSED);
    expect_code(&closing, CLOSE_ABNORMAL, "");
    ws_channel_leave_thread(channel);
    rig_close();
}
END_TEST

START_TEST(the_loop_is_told_of_a_message_and_of_the_close)
{
    open_channel();
    ck_assert_int_eq(ws_channel_next(channel, &message, &closing), WS_CHANNEL_NOTHING_YET);
    ws_channel_send(channel, message_of(1));
    ws_channel_send(channel, message_of(2));
    loop_run(rig_loop);
    ck_assert_uint_eq(loop_changes, 1);
    expect_next(1);
    expect_next(2);
    ck_assert_int_eq(ws_channel_next(channel, &message, &closing), WS_CHANNEL_NOTHING_YET);
    ws_channel_leave_thread(channel);
    loop_run(rig_loop);
    ck_assert_uint_eq(loop_changes, 2);
    ck_assert_int_eq(ws_channel_next(channel, &message, &closing), WS_CHANNEL_CLOSED);
    expect_code(&closing, CLOSE_SERVER_ERROR, "");
    ws_channel_leave_loop(channel);
    rig_close();
}
END_TEST

START_TEST(outward_what_is_ahead_is_bounded_by_bytes)
{
    open_channel();
    ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_ROOM);
    ws_channel_send(channel, message_of(WS_CHANNEL_BYTES + 1)); /* a single message may exceed the limit */
    ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_FULL);
    ck_assert_int_eq(ws_channel_next(channel, &message, &closing), WS_CHANNEL_MESSAGE);
    ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_FULL); /* the message is not sent yet */
    ws_channel_sent(channel, WS_CHANNEL_BYTES / 2);
    ck_assert_uint_eq(thread_changes, 0); /* too little room */
    ws_channel_sent(channel, 1);
    ck_assert_uint_eq(thread_changes, 1);
    ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_ROOM);
    ws_channel_sent(channel, WS_CHANNEL_BYTES / 2);
    ws_message_free(message);
    close_channel();
}
END_TEST

START_TEST(and_by_their_number)
{
    open_channel();
    for (unsigned i = 0; i < WS_CHANNEL_MESSAGES; i++) {
        ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_ROOM);
        ws_channel_send(channel, message_of(0));
        ck_assert_int_eq(ws_channel_put(channel, message_of(0)), i + 1 < WS_CHANNEL_MESSAGES);
    }
    ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_FULL);
    while (thread_changes == 0)
        expect_next(0);
    ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_ROOM);
    close_channel();
}
END_TEST

START_TEST(inward_the_loop_is_told_of_room)
{
    unsigned put = 0;
    open_channel();
    do
        put++;
    while (ws_channel_put(channel, message_of(1000)));
    ck_assert_uint_eq(put, WS_CHANNEL_MESSAGES);
    ck_assert(!ws_channel_has_room(channel));
    while (!ws_channel_has_room(channel)) {
        expect_received(1000);
        put--;
    }
    ck_assert_uint_le(put * 1000, WS_CHANNEL_BYTES / 2);
    loop_run(rig_loop);
    ck_assert_uint_eq(loop_changes, 1);
    close_channel();
}
END_TEST

START_TEST(who_takes_no_more_makes_room_for_ever)
{
    open_channel();
    while (ws_channel_put(channel, message_of(10000)))
        continue;
    ws_channel_leave_thread(channel);
    ck_assert(ws_channel_has_room(channel));
    for (unsigned i = 0; i < 100; i++)
        ck_assert(ws_channel_put(channel, message_of(10000)));
    ws_channel_leave_loop(channel);
    rig_close();
}
END_TEST

START_TEST(nothing_is_sent_behind_a_close_of_either_side)
{
    struct closing left = closing_of(1001, "", 0);
    open_channel();
    ck_assert(ws_channel_put(channel, message_of(7)));
    ws_channel_put_closing(channel, &left);
    ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_LEFT);
    ws_channel_send(channel, message_of(1));
    ck_assert_int_eq(ws_channel_next(channel, &message, &closing), WS_CHANNEL_NOTHING_YET);
    ck_assert(ws_channel_put(channel, message_of(9)));
    expect_received(7); /* the message from before the close */
    ck_assert_int_eq(ws_channel_receive(channel, &message, &closing), WS_CHANNEL_CLOSED);
    expect_code(&closing, 1001, "");
    close_channel();

    open_channel();
    ws_channel_close(channel, &left);
    ck_assert_int_eq(ws_channel_may_send(channel), WS_CHANNEL_LEFT);
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

/* Echoes all messages, and sleeps while there is nothing to do. A change that is not reported hangs the test. */
static void echo_all(void *unused)
{
    (void)unused;
    struct ws_message *taken;
    struct closing last;
    enum ws_channel_state state;
    ws_channel_on_change(channel, on_thread_change_posted, NULL);
    while ((state = ws_channel_receive(channel, &taken, &last)) != WS_CHANNEL_CLOSED) {
        if (state == WS_CHANNEL_NOTHING_YET) {
            uv_sem_wait(&changed);
            continue;
        }
        while (ws_channel_may_send(channel) == WS_CHANNEL_FULL)
            uv_sem_wait(&changed);
        ws_channel_send(channel, taken);
    }
    ws_channel_leave_thread(channel);
}

START_TEST(both_sides_at_once)
{
    struct closing end = closing_of(CLOSE_NORMAL, "", 0);
    uv_thread_t echo;
    rig_open();
    ck_assert_int_eq(uv_sem_init(&changed, 0), 0);
    channel = ws_channel_new(rig_loop, on_loop_change, &loop_changes);
    ck_assert_int_eq(uv_thread_create(&echo, echo_all, NULL), 0);
    unsigned put = 0, got = 0;
    bool room = true;
    while (got < MANY) {
        while (put < MANY && (room || ws_channel_has_room(channel)))
            room = ws_channel_put(channel, message_of(put++ % 300));
        while (ws_channel_next(channel, &message, &closing) == WS_CHANNEL_MESSAGE) {
            ck_assert_uint_eq(message->body.length, got++ % 300);
            ws_channel_sent(channel, message->body.length);
            ws_message_free(message);
        }
        if (got < MANY)
            loop_run(rig_loop);
    }
    ws_channel_put_closing(channel, &end);
    ck_assert_int_eq(uv_thread_join(&echo), 0);
    uv_sem_destroy(&changed);
    ws_channel_leave_loop(channel);
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

SUITE("ws_channel", messages_come_out_in_their_order_and_then_the_close,
      the_thread_is_told_of_what_it_waits_for_and_of_nothing_else, the_loop_is_told_of_a_message_and_of_the_close,
      outward_what_is_ahead_is_bounded_by_bytes, and_by_their_number, inward_the_loop_is_told_of_room,
      who_takes_no_more_makes_room_for_ever, nothing_is_sent_behind_a_close_of_either_side, both_sides_at_once,
      the_codes_that_may_be_sent)
