#include "stats/recent.h"

#include "base/clock.h"
#include "made_up.h"
#include "suite.h"

static struct recent recent;
static struct sums now;

static void open_recent(void)
{
    made_up_open();
    made_up.source.started_ns = clock_ns();
    made_up.source.recent = &recent;
    recent_init(&recent, &made_up.source);
}

static void read_window(void)
{
    sums_read(&now, &made_up.source);
    recent_seen(&recent, &now);
    recent_window(&recent, &now);
}

START_TEST(there_is_a_window_from_the_start)
{
    open_recent();
    counter_add(&made_up_series(0, 0, PLAIN)->requests_total, 3);
    read_window();
    ck_assert_uint_eq(now.models[0].requests, 3);
    ck_assert_uint_eq(now.looks, 0);
    ck_assert_uint_le(now.window_ns, clock_ns() - made_up.source.started_ns);
    made_up_close();
}
END_TEST

/* Before the nth sample n requests came, and before the reading one more. */
START_TEST(it_covers_the_last_ten_samples)
{
    open_recent();
    struct series *series = made_up_series(0, 0, PLAIN);
    uint64_t expected = 0;
    for (unsigned n = 1; n <= 35; n++) {
        counter_add(&series->requests_total, n);
        recent_sample(&recent);
        /* The first sample is that of the start. */
        expected += n;
        if (n >= RECENT_SAMPLES)
            expected -= n - RECENT_SAMPLES + 1;
        read_window();
        ck_assert_uint_eq(now.models[0].requests, expected);
        ck_assert_uint_eq(now.looks, n < RECENT_SAMPLES ? n : RECENT_SAMPLES - 1);
    }
    made_up_close();
}
END_TEST

START_TEST(what_is_in_flight_is_added_up_at_each_sample)
{
    open_recent();
    struct series *series = made_up_series(1, 1, CHOICE);
    static const unsigned in_flight[] = {4, 0, 9};
    for (unsigned i = 0; i < 3; i++) {
        atomic_store(&made_up.models.list[1].queue_length, in_flight[i] / 2);
        counter_add(&series->taken_total, in_flight[i]);
        recent_sample(&recent);
        counter_add(&series->returned_total, in_flight[i]);
    }
    read_window();
    ck_assert_uint_eq(now.looks, 3);
    ck_assert_uint_eq(now.models[1].seen_in_flight, 13);
    ck_assert_uint_eq(now.models[1].seen_waiting, 6);
    ck_assert_uint_eq(now.models[1].in_flight, 0);
    ck_assert_uint_eq(now.models[0].seen_in_flight, 0);
    made_up_close();
}
END_TEST

START_TEST(stopped_it_looks_no_more)
{
    open_recent();
    made_up.source.read_gils = made_up_read_gils;
    recent_sample(&recent);
    recent_stop(&recent);
    made_up.source.read_gils = NULL;
    recent_sample(&recent);
    read_window();
    ck_assert_uint_eq(now.looks, 1);
    recent_stop(&recent);
    made_up_close();
}
END_TEST

enum { SAMPLES = 3000 };

static void sample(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < SAMPLES; i++)
        recent_sample(&recent);
}

START_TEST(any_thread_reads_while_another_samples)
{
    uv_thread_t thread;
    open_recent();
    counter_add(&made_up_series(0, 0, PLAIN)->taken_total, 2);
    ck_assert_int_eq(uv_thread_create(&thread, sample, NULL), 0);
    for (unsigned i = 0; i < 1000; i++) {
        read_window();
        ck_assert_uint_lt(now.window_ns, 60 * NS_PER_S);
    }
    recent_stop(&recent);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    made_up_close();
}
END_TEST

SUITE("recent", there_is_a_window_from_the_start, it_covers_the_last_ten_samples,
      what_is_in_flight_is_added_up_at_each_sample, stopped_it_looks_no_more, any_thread_reads_while_another_samples)
