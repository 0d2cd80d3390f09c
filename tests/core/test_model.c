#include "core/model.h"

#include <string.h>

#include "suite.h"

/* The calls in order: one letter per start, its capital per stop. */
static char events[16];

static void inbox_message(const struct model *model, char base)
{
    size_t length = strlen(events);
    ck_assert_uint_lt(length + 1, sizeof events);
    events[length] = (char)(base + (int)model->index);
}

static enum err start(struct model *model)
{
    inbox_message(model, 'a');
    return ERR_OK;
}

static enum err fail_to_start(struct model *model)
{
    inbox_message(model, 'a');
    return err_fail(ERR_SYSTEM, "no");
}

static void stop(struct model *model)
{
    inbox_message(model, 'A');
}

static const struct model_ops good = {.name = "good", .start = start, .stop = stop};
static const struct model_ops bad = {.name = "bad", .start = fail_to_start, .stop = stop};

START_TEST(they_stop_in_the_reverse_order_of_their_start)
{
    struct models models = {.list = {{.ops = &good}, {.ops = &good, .index = 1}, {.ops = &good, .index = 2}},
                            .count = 3};
    ck_assert_int_eq(models_start(&models), ERR_OK);
    ck_assert_str_eq(events, "abc");
    models_stop(&models);
    ck_assert_str_eq(events, "abcCBA");
}
END_TEST

START_TEST(where_one_cannot_start_those_before_it_are_stopped)
{
    struct models models = {.list = {{.ops = &good}, {.ops = &good, .index = 1}, {.ops = &bad, .index = 2}},
                            .count = 3};
    ck_assert_int_eq(models_start(&models), ERR_SYSTEM);
    ck_assert_str_eq(events, "abcBA");
    ck_assert_str_eq(err_message(), "no");
}
END_TEST

SUITE("model", they_stop_in_the_reverse_order_of_their_start, where_one_cannot_start_those_before_it_are_stopped)
