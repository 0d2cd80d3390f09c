#include "core/pace.h"

#include "base/clock.h"
#include "suite.h"

static void take(struct pace *pace, unsigned times, uint64_t took_ns)
{
    while (times--)
        pace_took(pace, took_ns);
}

START_TEST(the_mean_follows_what_requests_take)
{
    struct pace pace = {0};
    pace_took(&pace, 16000);
    ck_assert_uint_eq(pace.mean_ns, 1000); /* a sixteenth of it */
    take(&pace, 200, 16000);
    ck_assert_uint_ge(pace.mean_ns, 15000);
    ck_assert_uint_le(pace.mean_ns, 16000);
    take(&pace, 200, 0);
    ck_assert_uint_lt(pace.mean_ns, 100);
}
END_TEST

START_TEST(one_more_pays_where_those_at_work_would_need_long)
{
    struct pace pace = {.mean_ns = 2 * NS_PER_US};
    ck_assert(!pace_another_pays(&pace, 64, 1, 0)); /* 128 µs */
    ck_assert(pace_another_pays(&pace, 101, 1, 0));
    ck_assert(!pace_another_pays(&pace, 101, 2, 0)); /* by two, it is 101 µs */
    pace.mean_ns = 6 * NS_PER_MS;
    ck_assert(pace_another_pays(&pace, 1, 1, 0));
    ck_assert(!pace_another_pays(&pace, 0, 1, 0));
}
END_TEST

START_TEST(who_is_coming_counts)
{
    const struct pace pace = {.mean_ns = 6 * NS_PER_MS};
    ck_assert(!pace_another_pays(&pace, 1, 2, 1));
    ck_assert(pace_another_pays(&pace, 2, 2, 1));
}
END_TEST

START_TEST(nothing_known_is_cheap)
{
    const struct pace pace = {0};
    ck_assert(!pace_another_pays(&pace, 1000, 1, 0));
    ck_assert(!pace_is_stalled(&pace));
}
END_TEST

START_TEST(a_stall_is_remembered_and_shows_what_is_costly)
{
    struct pace pace = {.mean_ns = 5};
    pace_stalled(&pace);
    ck_assert(pace_is_stalled(&pace));
    ck_assert(pace_another_pays(&pace, 1, 1, 0));
    pace.stalled_until_ns = clock_ns(); /* a second later */
    ck_assert(!pace_is_stalled(&pace));
    pace.mean_ns = NS_PER_S;
    pace_stalled(&pace);
    ck_assert_uint_eq(pace.mean_ns, NS_PER_S);
}
END_TEST

SUITE("pace", the_mean_follows_what_requests_take, one_more_pays_where_those_at_work_would_need_long,
      who_is_coming_counts, nothing_known_is_cheap, a_stall_is_remembered_and_shows_what_is_costly)
