#include "core/note.h"

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "suite.h"

enum { THREADS = 4, NOTES_EACH = 20000 };

struct told {
    struct note note;
    unsigned thread, number;
};

static struct inbox inbox;
static struct told *delivered[8];
static unsigned delivered_count;

static void on_deliver(struct note *note)
{
    ck_assert_uint_lt(delivered_count, 8);
    delivered[delivered_count++] = (struct told *)note;
}

START_TEST(the_oldest_is_delivered_first)
{
    struct told notes[3] = {{.note.deliver = on_deliver}, {.note.deliver = on_deliver}, {.note.deliver = on_deliver}};
    for (unsigned i = 0; i < 3; i++)
        inbox_push(&inbox, &notes[i].note);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_ptr_eq(delivered[i], &notes[i]);
}
END_TEST

START_TEST(each_is_delivered_once)
{
    struct told note = {.note.deliver = on_deliver};
    inbox_deliver(&inbox); /* of nothing */
    inbox_push(&inbox, &note.note);
    inbox_deliver(&inbox);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 1);
}
END_TEST

static void push_again(struct note *note)
{
    on_deliver(note);
    if (delivered_count == 1)
        inbox_push(&inbox, note);
}

/* It is not under way any more when it is delivered, so it may be told again from there. */
START_TEST(one_that_is_pushed_while_it_is_delivered_comes_the_next_time)
{
    struct told first = {.note.deliver = push_again}, second = {.note.deliver = on_deliver};
    inbox_push(&inbox, &first.note);
    inbox_push(&inbox, &second.note);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 2);
    ck_assert_ptr_eq(delivered[1], &second);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 3);
    ck_assert_ptr_eq(delivered[2], &first);
}
END_TEST

static void free_it(struct note *note)
{
    on_deliver(note);
    free(note);
}

/* What it is about may end with its delivery. */
START_TEST(a_note_may_be_gone_when_it_is_delivered)
{
    for (unsigned i = 0; i < 3; i++) {
        struct told *note = calloc(1, sizeof *note);
        note->note.deliver = free_it;
        inbox_push(&inbox, &note->note);
    }
    inbox_deliver(&inbox);
    ck_assert_uint_eq(delivered_count, 3);
}
END_TEST

static struct told pushed[THREADS][NOTES_EACH];
static unsigned next_number[THREADS], arrived;

static void on_arrival(struct note *note)
{
    const struct told *told = (struct told *)note;
    ck_assert_uint_eq(told->number, next_number[told->thread]);
    next_number[told->thread]++;
    arrived++;
}

static void push_all(void *first)
{
    struct told *notes = first;
    for (unsigned i = 0; i < NOTES_EACH; i++)
        inbox_push(&inbox, &notes[i].note);
}

START_TEST(many_threads_push_while_the_owner_delivers)
{
    uv_thread_t threads[THREADS];
    for (unsigned t = 0; t < THREADS; t++) {
        for (unsigned i = 0; i < NOTES_EACH; i++)
            pushed[t][i] = (struct told){.note.deliver = on_arrival, .thread = t, .number = i};
        ck_assert_int_eq(uv_thread_create(&threads[t], push_all, pushed[t]), 0);
    }
    while (arrived < THREADS * NOTES_EACH)
        inbox_deliver(&inbox);
    for (unsigned t = 0; t < THREADS; t++)
        ck_assert_int_eq(uv_thread_join(&threads[t]), 0);
    inbox_deliver(&inbox);
    ck_assert_uint_eq(arrived, THREADS * NOTES_EACH);
}
END_TEST

SUITE("note", the_oldest_is_delivered_first, each_is_delivered_once,
      one_that_is_pushed_while_it_is_delivered_comes_the_next_time, a_note_may_be_gone_when_it_is_delivered,
      many_threads_push_while_the_owner_delivers)
