#include "stats/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <uv.h>

#include "stats/made_up.h"
#include "stats/statistics.h"
#include "suite.h"

/* Returns NULL if memory ran out. */
static json_t *now(void)
{
    struct process_sum process;
    process_read(&process);
    json_t *object = json_object();
    statistics_add_json(&object, OF_PROCESS, &process);
    return object;
}

START_TEST(its_keys_are_those_that_users_are_told_of)
{
    json_t *object = now();
    expect_keys(object, "resident_memory_bytes cpu_user_seconds cpu_system_seconds threads "
                        "voluntary_context_switches involuntary_context_switches");
    json_decref(object);
}
END_TEST

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void use_cpu(void)
{
    struct rusage usage;
    do
        getrusage(RUSAGE_SELF, &usage);
    while (usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 30000);
}

/* The values must lie between those that the system reports before and afterwards. */
START_TEST(cpu_time_and_switches_are_the_systems)
{
    struct rusage before, after;
    use_cpu();
    for (unsigned i = 0; i < 20; i++)
        uv_sleep(0); /* yields the processor now and then */
    getrusage(RUSAGE_SELF, &before);
    json_t *object = now();
    getrusage(RUSAGE_SELF, &after);
    expect_real(object, "cpu_user_seconds", seconds(before.ru_utime) - 1e-9, seconds(after.ru_utime) + 1e-9);
    expect_real(object, "cpu_system_seconds", seconds(before.ru_stime) - 1e-9, seconds(after.ru_stime) + 1e-9);
    json_int_t voluntary = json_integer_value(value_at(object, "voluntary_context_switches"));
    ck_assert_int_ge(voluntary, before.ru_nvcsw);
    ck_assert_int_le(voluntary, after.ru_nvcsw);
    json_int_t involuntary = json_integer_value(value_at(object, "involuntary_context_switches"));
    ck_assert_int_ge(involuntary, before.ru_nivcsw);
    ck_assert_int_le(involuntary, after.ru_nivcsw);
    json_decref(object);
}
END_TEST

static json_int_t resident_bytes(void)
{
    json_t *object = now();
    json_int_t bytes = json_integer_value(value_at(object, "resident_memory_bytes"));
    json_decref(object);
    return bytes;
}

START_TEST(memory_is_resident_when_it_is_touched)
{
    enum { BYTES = 64 << 20 };
    json_int_t before = resident_bytes();
    ck_assert_int_gt(before, 256 * 1024);
    ck_assert_int_lt(before, 16LL << 30);
    char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(memory, MAP_FAILED);
    ck_assert_int_lt(resident_bytes() - before, BYTES / 2);
    memset(memory, 1, BYTES);
    json_int_t after = resident_bytes();
    ck_assert_int_eq(memory[BYTES / 2], 1);
    ck_assert_int_gt(after - before, BYTES / 2);
    ck_assert_int_lt(after - before, 16LL * BYTES); /* a sanitizer needs memory for it, too */
    munmap(memory, BYTES);
}
END_TEST

static json_int_t threads(void)
{
    json_t *object = now();
    json_int_t count = json_integer_value(value_at(object, "threads"));
    json_decref(object);
    return count;
}

static uv_sem_t go_on;

static void wait_for_it(void *unused)
{
    (void)unused;
    uv_sem_wait(&go_on);
}

enum { MORE = 5 };

static void start_more(uv_thread_t more[MORE])
{
    for (unsigned i = 0; i < MORE; i++)
        ck_assert_int_eq(uv_thread_create(&more[i], wait_for_it, NULL), 0);
}

START_TEST(every_thread_is_counted)
{
    uv_thread_t first[MORE], then[MORE];
    uv_sem_init(&go_on, 0);
    start_more(first); /* a sanitizer may start a thread of its own with these */
    json_int_t before = threads();
    ck_assert_int_ge(before, 1 + MORE);
    start_more(then);
    ck_assert_int_eq(threads(), before + MORE);
    for (unsigned i = 0; i < 2 * MORE; i++)
        uv_sem_post(&go_on);
    for (unsigned i = 0; i < MORE; i++) {
        ck_assert_int_eq(uv_thread_join(&first[i]), 0);
        ck_assert_int_eq(uv_thread_join(&then[i]), 0);
    }
    uv_sem_destroy(&go_on);
}
END_TEST

/* /proc/self/stat has the process name in brackets, without escapes. */
START_TEST(threads_are_counted_whatever_the_process_is_called)
{
    static const char *const names[] = {"two words", "(a) 1 (b) 2", "x) R 1 2 3", "a)", ")", "\n", ""};
    json_int_t expected = threads();
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_int_eq(prctl(PR_SET_NAME, names[i]), 0);
        json_int_t count = threads();
        ck_assert_msg(count == expected, "called '%s': %lld threads, not %lld", names[i], count, expected);
    }
}
END_TEST

START_TEST(a_difference_is_of_what_grows_only)
{
    struct process_sum earlier = {5000, 700, 60, 8, 1 << 20, 3}, now = {9000, 800, 61, 8, 1 << 19, 4};
    process_subtract(&now, &earlier);
    ck_assert_uint_eq(now.user_ns, 4000);
    ck_assert_uint_eq(now.system_ns, 100);
    ck_assert_uint_eq(now.voluntary_switches, 1);
    ck_assert_uint_eq(now.involuntary_switches, 0);
    ck_assert_uint_eq(now.resident_bytes, 1 << 19);
    ck_assert_uint_eq(now.threads, 4);
}
END_TEST

START_TEST(it_is_null_where_memory_runs_out)
{
    expect_null_or_all_where_memory_runs_out(now);
}
END_TEST

SUITE("process", its_keys_are_those_that_users_are_told_of, cpu_time_and_switches_are_the_systems,
      memory_is_resident_when_it_is_touched, every_thread_is_counted,
      threads_are_counted_whatever_the_process_is_called, a_difference_is_of_what_grows_only,
      it_is_null_where_memory_runs_out)
