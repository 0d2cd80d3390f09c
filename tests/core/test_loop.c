#include "core/loop.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/histogram_sum.h"
#include "core/rig.h"
#include "suite.h"

enum { THREADS = 4, EACH = 500 };

static struct request *pending[THREADS][EACH];

static void post_all(void *requests)
{
    struct request **each = requests;
    ck_assert_ptr_null(loop_current());
    for (unsigned i = 0; i < EACH; i++)
        loop_post(rig_loop, &each[i]->answered);
}

START_TEST(what_several_threads_post_comes_once_each_in_its_thread_s_order)
{
    uv_thread_t threads[THREADS];
    unsigned seen[THREADS] = {0};
    rig_open();
    for (unsigned t = 0; t < THREADS; t++)
        for (unsigned i = 0; i < EACH; i++)
            pending[t][i] = rig_request();
    for (unsigned t = 0; t < THREADS; t++)
        ck_assert_int_eq(uv_thread_create(&threads[t], post_all, pending[t]), 0);
    rig_run(NULL, THREADS * EACH);
    for (unsigned t = 0; t < THREADS; t++)
        ck_assert_int_eq(uv_thread_join(&threads[t]), 0);
    for (unsigned r = 0; r < THREADS * EACH; r++) {
        unsigned t = 0;
        while (t < THREADS && (seen[t] == EACH || pending[t][seen[t]] != rig_returned[r]))
            t++;
        ck_assert_msg(t < THREADS, "request %u is no thread's next", r);
        seen[t]++;
    }
    rig_close();
}
END_TEST

static struct request *late;

static void post_two(void)
{
    for (unsigned i = 0; i < 2; i++) {
        late = rig_request();
        loop_post(rig_loop, &late->answered);
    }
    ck_assert_uint_eq(rig_returned_count, 0);
}

START_TEST(what_a_loop_posts_to_itself_comes_after_what_it_does)
{
    rig_open();
    rig_run(post_two, 2);
    ck_assert_ptr_eq(rig_returned[1], late);
    rig_close();
}
END_TEST

static void allow_files(rlim_t count)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = count;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t lowest_free_file(void)
{
    int file = dup(STDERR_FILENO);
    ck_assert_int_ge(file, 0);
    close(file);
    return (rlim_t)file;
}

/* LeakSanitizer reports memory that is not freed. libuv 1.44 itself leaves its epoll descriptor open. */
START_TEST(without_files_there_is_no_loop_and_a_sentence_says_so)
{
    struct rlimit before;
    struct loop *loop;
    unsigned failures = 0;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(loop_new(7, &loop), ERR_OK); /* libuv opens some descriptors for all loops */
    ck_assert_uint_eq(loop->id, 7);
    loop_free(loop);
    for (enum err err = ERR_SYSTEM; err; failures += err != ERR_OK) {
        loop = NULL;
        allow_files(lowest_free_file() + failures);
        err = loop_new(0, &loop);
        allow_files(before.rlim_cur);
        if (err) {
            ck_assert_int_eq(err, ERR_SYSTEM);
            ck_assert_ptr_null(loop);
            ck_assert_ptr_eq(strstr(err_message(), "cannot make an event loop"), err_message());
            ck_assert_ptr_nonnull(strstr(err_message(), ": too many open files"));
        }
    }
    ck_assert_uint_gt(failures, 1);
    loop_free(loop);
}
END_TEST

static unsigned samples;

static void look_who_runs(void)
{
    ck_assert_ptr_eq(loop_current(), rig_loop);
    samples++;
}

START_TEST(it_is_the_current_one_while_it_runs)
{
    rig_open();
    ck_assert_ptr_null(loop_current());
    rig_run(look_who_runs, 0);
    ck_assert_uint_eq(samples, 1);
    ck_assert_ptr_null(loop_current());
    rig_close();
}
END_TEST

static uv_timer_t looker;

/* Stops the loop after two samples of its timers' delay. */
static void on_look(uv_timer_t *timer)
{
    struct histogram_sum sum = {0};
    ck_assert_int_eq(histogram_sum_read(&sum, &rig_loop->stats.delay), ERR_OK);
    if (sum.count >= 2 && counter_read(&rig_loop->stats.idle_ns) > 0)
        uv_stop(timer->loop);
    histogram_sum_free(&sum);
}

START_TEST(it_records_its_delay_and_its_idle_time)
{
    rig_open();
    uint64_t before_ns = clock_ns();
    uv_timer_init(&rig_loop->uv, &looker);
    uv_timer_start(&looker, on_look, 1, 1);
    loop_run(rig_loop);
    uint64_t ran_ns = clock_ns() - before_ns;
    ck_assert_uint_ge(counter_read(&rig_loop->stats.started_ns), before_ns);
    ck_assert_uint_lt(counter_read(&rig_loop->stats.idle_ns), ran_ns);
    uv_close((uv_handle_t *)&looker, NULL);
    rig_close();
}
END_TEST

static void on_block(uv_timer_t *timer)
{
    uint64_t until_ns = clock_ns() + 60 * NS_PER_MS;
    while (clock_ns() < until_ns)
        continue;
    uv_timer_start(timer, on_look, 1, 1);
}

START_TEST(what_blocks_it_shows_in_its_delay)
{
    struct histogram_sum sum = {0};
    rig_open();
    uv_timer_init(&rig_loop->uv, &looker);
    uv_timer_start(&looker, on_block, 1, 0);
    loop_run(rig_loop);
    ck_assert_int_eq(histogram_sum_read(&sum, &rig_loop->stats.delay), ERR_OK);
    ck_assert_uint_ge(sum.max_ns, 40 * NS_PER_MS);
    histogram_sum_free(&sum);
    uv_close((uv_handle_t *)&looker, NULL);
    rig_close();
}
END_TEST

SUITE("loop", what_several_threads_post_comes_once_each_in_its_thread_s_order,
      what_a_loop_posts_to_itself_comes_after_what_it_does, without_files_there_is_no_loop_and_a_sentence_says_so,
      it_is_the_current_one_while_it_runs, it_records_its_delay_and_its_idle_time, what_blocks_it_shows_in_its_delay)
