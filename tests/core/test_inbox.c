#include "core/inbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "suite.h"

enum { THREADS = 4, MESSAGES_EACH = 20000 };

struct told {
    struct inbox_message inbox_message;
    unsigned thread, number;
};

static struct inbox inbox;
static struct told *delivered[8];
static unsigned delivered_count;

static void on_deliver(struct inbox_message *inbox_message)
{
    ck_assert_uint_lt(delivered_count, 8);
    delivered[delivered_count++] = (struct told *)inbox_message;
}

START_TEST(the_oldest_is_delivered_first)
{
    struct told inbox_messages[3] = {{.inbox_message.deliver = on_deliver},
                                     {.inbox_message.deliver = on_deliver},
                                     {.inbox_message.deliver = on_deliver}};
    for (unsigned i = 0; i < 3; i++)
        inbox_push(&inbox, &inbox_messages[i].inbox_message);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_ptr_eq(delivered[i], &inbox_messages[i]);
}
END_TEST

START_TEST(each_is_delivered_once)
{
    struct told inbox_message = {.inbox_message.deliver = on_deliver};
    inbox_deliver(&inbox); /* the inbox is empty */
    inbox_push(&inbox, &inbox_message.inbox_message);
    inbox_deliver(&inbox);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 1);
}
END_TEST

static void push_again(struct inbox_message *inbox_message)
{
    on_deliver(inbox_message);
    if (delivered_count == 1)
        inbox_push(&inbox, inbox_message);
}

/* A message may be pushed again while it is being delivered, because it is no longer under way then. */
START_TEST(one_that_is_pushed_while_it_is_delivered_comes_the_next_time)
{
    struct told first = {.inbox_message.deliver = push_again}, second = {.inbox_message.deliver = on_deliver};
    inbox_push(&inbox, &first.inbox_message);
    inbox_push(&inbox, &second.inbox_message);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 2);
    ck_assert_ptr_eq(delivered[1], &second);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 3);
    ck_assert_ptr_eq(delivered[2], &first);
}
END_TEST

static void free_it(struct inbox_message *inbox_message)
{
    on_deliver(inbox_message);
    free(inbox_message);
}

/* The object that contains the message may be freed by the delivery. */
START_TEST(a_message_may_be_gone_when_it_is_delivered)
{
    for (unsigned i = 0; i < 3; i++) {
        struct told *inbox_message = calloc(1, sizeof *inbox_message);
        inbox_message->inbox_message.deliver = free_it;
        inbox_push(&inbox, &inbox_message->inbox_message);
    }
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 3);
}
END_TEST

static struct told pushed[THREADS][MESSAGES_EACH];
static unsigned next_number[THREADS], arrived;

static void on_arrival(struct inbox_message *inbox_message)
{
    const struct told *told = (struct told *)inbox_message;
    ck_assert_uint_eq(told->number, next_number[told->thread]);
    next_number[told->thread]++;
    arrived++;
}

static void push_all(void *first)
{
    struct told *inbox_messages = first;
    for (unsigned i = 0; i < MESSAGES_EACH; i++)
        inbox_push(&inbox, &inbox_messages[i].inbox_message);
}

START_TEST(many_threads_push_while_the_owner_delivers)
{
    uv_thread_t threads[THREADS];
    for (unsigned t = 0; t < THREADS; t++) {
        for (unsigned i = 0; i < MESSAGES_EACH; i++)
            pushed[t][i] = (struct told){.inbox_message.deliver = on_arrival, .thread = t, .number = i};
        ck_assert_int_eq(uv_thread_create(&threads[t], push_all, pushed[t]), 0);
    }
    while (arrived < THREADS * MESSAGES_EACH)
        inbox_deliver(&inbox);
    for (unsigned t = 0; t < THREADS; t++)
        ck_assert_int_eq(uv_thread_join(&threads[t]), 0);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(arrived, THREADS * MESSAGES_EACH);
}
END_TEST

SUITE("inbox", the_oldest_is_delivered_first, each_is_delivered_once,
      one_that_is_pushed_while_it_is_delivered_comes_the_next_time, a_message_may_be_gone_when_it_is_delivered,
      many_threads_push_while_the_owner_delivers)
