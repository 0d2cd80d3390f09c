#include "dispatch/service_time.h"

#include "base/clock.h"
#include "suite.h"

static void take(struct service_time *service_time, unsigned times, uint64_t took_ns)
{
    while (times--)
        service_time_took(service_time, took_ns);
}

START_TEST(the_mean_follows_what_requests_take)
{
    struct service_time service_time = {0};
    service_time_took(&service_time, 16000);
    ck_assert_uint_eq(service_time.mean_ns, 1000); /* changed by a sixteenth of the difference */
    take(&service_time, 200, 16000);
    ck_assert_uint_ge(service_time.mean_ns, 15000);
    ck_assert_uint_le(service_time.mean_ns, 16000);
    take(&service_time, 200, 0);
    ck_assert_uint_lt(service_time.mean_ns, 100);
}
END_TEST

START_TEST(one_more_pays_where_those_at_work_would_need_long)
{
    struct service_time service_time = {.mean_ns = 2 * NS_PER_US};
    ck_assert(!service_time_another_pays(&service_time, 64, 1, 0)); /* 128 µs */
    ck_assert(service_time_another_pays(&service_time, 101, 1, 0));
    ck_assert(!service_time_another_pays(&service_time, 101, 2, 0)); /* 101 µs for each of two workers */
    service_time.mean_ns = 6 * NS_PER_MS;
    ck_assert(service_time_another_pays(&service_time, 1, 1, 0));
    ck_assert(!service_time_another_pays(&service_time, 0, 1, 0));
}
END_TEST

START_TEST(who_is_coming_counts)
{
    const struct service_time service_time = {.mean_ns = 6 * NS_PER_MS};
    ck_assert(!service_time_another_pays(&service_time, 1, 2, 1));
    ck_assert(service_time_another_pays(&service_time, 2, 2, 1));
}
END_TEST

START_TEST(nothing_known_is_cheap)
{
    const struct service_time service_time = {0};
    ck_assert(!service_time_another_pays(&service_time, 1000, 1, 0));
    ck_assert(!service_time_is_stalled(&service_time));
}
END_TEST

START_TEST(a_stall_is_remembered_and_shows_what_is_costly)
{
    struct service_time service_time = {.mean_ns = 5};
    service_time_stalled(&service_time);
    ck_assert(service_time_is_stalled(&service_time));
    ck_assert(service_time_another_pays(&service_time, 1, 1, 0));
    service_time.stalled_until_ns = clock_ns(); /* as if a second had passed */
    ck_assert(!service_time_is_stalled(&service_time));
    service_time.mean_ns = NS_PER_S;
    service_time_stalled(&service_time);
    ck_assert_uint_eq(service_time.mean_ns, NS_PER_S);
}
END_TEST

SUITE("service_time", the_mean_follows_what_requests_take, one_more_pays_where_those_at_work_would_need_long,
      who_is_coming_counts, nothing_known_is_cheap, a_stall_is_remembered_and_shows_what_is_costly)
