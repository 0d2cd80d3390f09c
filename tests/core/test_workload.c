#include "core/workload.h"

#include <string.h>

#include "suite.h"

static char events[16];

static enum err inbox_message(char event)
{
    size_t length = strlen(events);
    ck_assert_uint_lt(length + 1, sizeof events);
    events[length] = event;
    return ERR_OK;
}

static enum err set_up_first(void)
{
    return inbox_message('a');
}

static enum err set_up_second(void)
{
    return inbox_message('b');
}

static enum err fail_to_set_up(void)
{
    (void)inbox_message('x');
    return err_fail(ERR_SYSTEM, "no");
}

static void tear_down_first(void)
{
    (void)inbox_message('A');
}

static void tear_down_second(void)
{
    (void)inbox_message('B');
}

static const struct workload first = {.name = "first", .setup = set_up_first, .teardown = tear_down_first};
static const struct workload nothing = {.name = "nothing"};
static const struct workload second = {.name = "second", .setup = set_up_second, .teardown = tear_down_second};
static const struct workload bad = {.name = "bad", .setup = fail_to_set_up, .teardown = tear_down_second};

START_TEST(they_are_torn_down_in_the_reverse_order)
{
    static const struct workload *const list[] = {&first, &nothing, &second};
    static const struct workloads workloads = {list, 3};
    ck_assert_int_eq(workloads_setup(&workloads), ERR_OK);
    ck_assert_str_eq(events, "ab");
    workloads_teardown(&workloads);
    ck_assert_str_eq(events, "abBA");
}
END_TEST

START_TEST(where_one_cannot_be_made_ready_those_before_it_are_torn_down)
{
    static const struct workload *const list[] = {&first, &nothing, &bad, &second};
    static const struct workloads workloads = {list, 4};
    ck_assert_int_eq(workloads_setup(&workloads), ERR_SYSTEM);
    ck_assert_str_eq(events, "axA");
    ck_assert_str_eq(err_message(), "no");
}
END_TEST

SUITE("workload", they_are_torn_down_in_the_reverse_order, where_one_cannot_be_made_ready_those_before_it_are_torn_down)
