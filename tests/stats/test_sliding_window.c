#include "stats/sliding_window.h"

#include "base/clock.h"
#include "stats/made_up.h"
#include "suite.h"

static struct sliding_window sliding_window;
static struct totals now;

static void open_window(void)
{
    made_up_open();
    made_up.source.started_ns = clock_ns();
    made_up.source.sliding_window = &sliding_window;
    sliding_window_init(&sliding_window, &made_up.source);
}

static void read_window(void)
{
    totals_read(&now, &made_up.source);
    sliding_window_seen(&sliding_window, &now);
    sliding_window_read(&sliding_window, &now);
}

START_TEST(there_is_a_window_from_the_start)
{
    open_window();
    counter_add(&made_up_series(0, 0, PLAIN)->requests_total, 3);
    read_window();
    ck_assert_uint_eq(now.models[0].requests, 3);
    ck_assert_uint_eq(now.samples, 0);
    ck_assert_uint_le(now.window_ns, clock_ns() - made_up.source.started_ns);
    made_up_close();
}
END_TEST

/* n requests come before sample n. */
START_TEST(it_covers_the_last_ten_samples)
{
    open_window();
    struct series *series = made_up_series(0, 0, PLAIN);
    uint64_t expected = 0;
    for (unsigned n = 1; n <= 35; n++) {
        counter_add(&series->requests_total, n);
        sliding_window_sample(&sliding_window);
        /* sliding_window_init took the first sample, at the start. */
        expected += n;
        if (n >= SLIDING_WINDOW_SAMPLES)
            expected -= n - SLIDING_WINDOW_SAMPLES + 1;
        read_window();
        ck_assert_uint_eq(now.models[0].requests, expected);
        ck_assert_uint_eq(now.samples, n < SLIDING_WINDOW_SAMPLES ? n : SLIDING_WINDOW_SAMPLES - 1);
    }
    made_up_close();
}
END_TEST

START_TEST(what_is_in_flight_is_added_up_at_each_sample)
{
    open_window();
    struct series *series = made_up_series(1, 1, CHOICE);
    static const unsigned in_flight[] = {4, 0, 9};
    for (unsigned i = 0; i < 3; i++) {
        atomic_store(&made_up.models.list[1].queue_length, in_flight[i] / 2);
        counter_add(&series->taken_total, in_flight[i]);
        sliding_window_sample(&sliding_window);
        counter_add(&series->returned_total, in_flight[i]);
    }
    read_window();
    ck_assert_uint_eq(now.samples, 3);
    ck_assert_uint_eq(now.models[1].seen_in_flight, 13);
    ck_assert_uint_eq(now.models[1].seen_waiting, 6);
    ck_assert_uint_eq(now.models[1].in_flight, 0);
    ck_assert_uint_eq(now.models[0].seen_in_flight, 0);
    made_up_close();
}
END_TEST

START_TEST(stopped_it_samples_no_more)
{
    open_window();
    made_up.source.read_gils = made_up_read_gils;
    sliding_window_sample(&sliding_window);
    sliding_window_stop(&sliding_window);
    made_up.source.read_gils = NULL;
    sliding_window_sample(&sliding_window);
    read_window();
    ck_assert_uint_eq(now.samples, 1);
    sliding_window_stop(&sliding_window);
    made_up_close();
}
END_TEST

enum { SAMPLES = 3000 };

static void sample(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < SAMPLES; i++)
        sliding_window_sample(&sliding_window);
}

START_TEST(any_thread_reads_while_another_samples)
{
    uv_thread_t thread;
    open_window();
    counter_add(&made_up_series(0, 0, PLAIN)->taken_total, 2);
    ck_assert_int_eq(uv_thread_create(&thread, sample, NULL), 0);
    for (unsigned i = 0; i < 1000; i++) {
        read_window();
        ck_assert_uint_lt(now.window_ns, 60 * NS_PER_S);
    }
    sliding_window_stop(&sliding_window);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    made_up_close();
}
END_TEST

SUITE("sliding_window", there_is_a_window_from_the_start, it_covers_the_last_ten_samples,
      what_is_in_flight_is_added_up_at_each_sample, stopped_it_samples_no_more, any_thread_reads_while_another_samples)
