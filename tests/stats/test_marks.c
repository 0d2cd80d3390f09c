#include "stats/marks.h"

#include <stdio.h>
#include <string.h>

#include "stats/made_up.h"
#include "suite.h"

static bool set(const char *name)
{
    struct snapshot *snapshot = snapshot_take(&made_up.source);
    ck_assert_ptr_nonnull(snapshot);
    return marks_set(&made_up.marks, name, snapshot);
}

static void expect_names(const char *expected)
{
    char names[2000];
    marks_names(&made_up.marks, names, sizeof names);
    ck_assert_str_eq(names, expected);
}

START_TEST(a_name_is_of_letters_that_need_no_quoting)
{
    char longest[MARK_NAME_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[MARK_NAME_MAX] = '\0';
    static const char *const right[] = {"a", "Z", "0", ".", "-", "_", "before-2.1_x"};
    static const char *const wrong[] = {"", " ", "a b", "a\n", "a/b", "a?", "\xc3\xa4", "\"", "a,"};
    for (unsigned i = 0; i < sizeof right / sizeof right[0]; i++)
        ck_assert_msg(mark_name_valid(right[i]), "%s", right[i]);
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!mark_name_valid(wrong[i]), "%s", wrong[i]);
    ck_assert(mark_name_valid(longest));
    longest[MARK_NAME_MAX] = 'x';
    longest[MARK_NAME_MAX + 1] = '\0';
    ck_assert(!mark_name_valid(longest));
}
END_TEST

START_TEST(a_mark_is_found_by_its_name)
{
    made_up_open();
    ck_assert_ptr_null(marks_find(&made_up.marks, "a"));
    struct series *series = made_up_series(0, 0, PLAIN);
    counter_add(&series->requests_total, 1);
    ck_assert(!set("a"));
    counter_add(&series->requests_total, 1);
    ck_assert(!set("b"));
    struct snapshot *a = marks_find(&made_up.marks, "a"), *b = marks_find(&made_up.marks, "b");
    ck_assert_uint_eq(a->series[0].requests, 1);
    ck_assert_uint_eq(b->series[0].requests, 2);
    ck_assert_ptr_null(marks_find(&made_up.marks, "c"));
    ck_assert_ptr_null(marks_find(&made_up.marks, ""));
    snapshot_release(a);
    snapshot_release(b);
    made_up_close();
}
END_TEST

START_TEST(setting_it_again_replaces_it_and_makes_it_the_newest)
{
    made_up_open();
    expect_names("");
    set("a");
    set("b");
    set("c");
    expect_names("c, b, a");
    counter_add(&made_up_series(0, 0, PLAIN)->requests_total, 5);
    struct snapshot *old = marks_find(&made_up.marks, "b");
    ck_assert(set("b"));
    expect_names("b, c, a");
    struct snapshot *new = marks_find(&made_up.marks, "b");
    ck_assert_uint_eq(old->series_count, 0); /* a snapshot stays with its holder */
    ck_assert_uint_eq(new->series[0].requests, 5);
    snapshot_release(old);
    snapshot_release(new);
    made_up_close();
}
END_TEST

START_TEST(for_a_seventeenth_the_oldest_goes)
{
    made_up_open();
    for (unsigned i = 0; i < 17; i++) {
        char name[8];
        snprintf(name, sizeof name, "m%u", i);
        ck_assert(!set(name));
    }
    expect_names("m16, m15, m14, m13, m12, m11, m10, m9, m8, m7, m6, m5, m4, m3, m2, m1");
    ck_assert_ptr_null(marks_find(&made_up.marks, "m0"));
    ck_assert(set("m1"));
    ck_assert(!set("m17"));
    expect_names("m17, m1, m16, m15, m14, m13, m12, m11, m10, m9, m8, m7, m6, m5, m4, m3");
    made_up_close();
}
END_TEST

START_TEST(names_that_do_not_fit_are_left_out)
{
    made_up_open();
    set("long-ago");
    set("before");
    set("now");
    char names[40];
    for (size_t room = 8; room <= sizeof names; room++) {
        marks_names(&made_up.marks, names, room);
        ck_assert_uint_lt(strlen(names), room);
        if (room > strlen("now, before, long-ago, …"))
            ck_assert_str_eq(names, "now, before, long-ago");
        else if (room == 20)
            ck_assert_str_eq(names, "now, before, …");
    }
    made_up_close();
}
END_TEST

enum { ROUNDS = 2000, THREADS = 3 };

/* Each thread uses its own name and one that all share. */
static void use_marks(void *own)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        const char *name = i % 3 ? own : "shared";
        set(name);
        struct snapshot *found = marks_find(&made_up.marks, name);
        ck_assert_ptr_nonnull(found);
        ck_assert_uint_eq(found->totals.model_count, MADE_UP_MODELS);
        snapshot_release(found);
        char names[100];
        marks_names(&made_up.marks, names, sizeof names);
    }
}

START_TEST(any_threads_set_and_find_them)
{
    uv_thread_t threads[THREADS];
    static char names[THREADS][2] = {"a", "b", "c"};
    made_up_open();
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(uv_thread_create(&threads[i], use_marks, names[i]), 0);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(uv_thread_join(&threads[i]), 0);
    ck_assert_uint_eq(made_up.marks.count, THREADS + 1);
    made_up_close();
}
END_TEST

SUITE("marks", a_name_is_of_letters_that_need_no_quoting, a_mark_is_found_by_its_name,
      setting_it_again_replaces_it_and_makes_it_the_newest, for_a_seventeenth_the_oldest_goes,
      names_that_do_not_fit_are_left_out, any_threads_set_and_find_them)
