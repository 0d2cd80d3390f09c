/* The same cases for every model, on one loop and on three: the promises of core/model.h. Each case runs in a process
 * of its own. */
#include "assertions.h"
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/contract.h"
#include "suite.h"

static const char *const modes[] = {"uv-loop", "uv-pool", "py-inline", "py-threads", "py-asyncio", "py-subinterp"};
enum { MODE_COUNT = sizeof modes / sizeof modes[0] };

static const unsigned loop_counts[] = {1, 3};
enum { LOOP_COUNTS = sizeof loop_counts / sizeof loop_counts[0] };

static struct contract contract;

/* Returns the mode of loop test i. */
static const char *mode_of(int i)
{
    return modes[i / LOOP_COUNTS];
}

static void open_case(int i, unsigned threads, unsigned queue_limit)
{
    contract_open(&contract, mode_of(i), loop_counts[i % LOOP_COUNTS], threads, queue_limit);
}

/* Returns the reply of request i on the first loop. */
static const struct reply *reply_of(unsigned i)
{
    return &contract.at[0].requests[i]->reply;
}

static void submit_mixture(struct contract_loop *c)
{
    static const struct {
        const char *name;
        int64_t first, second;
    } mixture[] = {{"plaintext", 0, 0}, {"json", 0, 0}, {"echo", 0, 0}, {"sleep", 1, 0},
                   {"primes", 100, 0},  {"hash", 1, 2}, {"file", 0, 0}};
    for (unsigned i = 0; i < 700; i++) {
        unsigned kind = i % 7;
        ck_assert_int_eq(contract_submit(c, mixture[kind].name, mixture[kind].first, mixture[kind].second), ERR_OK);
        if (i % 50 == 0)
            contract_flush(c);
    }
}

START_TEST(every_request_comes_back_exactly_once)
{
    open_case(_i, 4, 3000);
    contract_start(&contract);
    contract_run(&contract, submit_mixture);
    for (unsigned l = 0; l < contract.loop_count; l++)
        for (unsigned i = 0; i < contract.at[l].submitted; i++) {
            const struct request *request = contract.at[l].requests[i];
            ck_assert_msg(request->reply.status == 200, "%s: %u", request->target, request->reply.status);
            ck_assert_uint_gt(request->reply.body_bytes, 0);
            ck_assert_uint_ne(request->started_ns, 0);
            ck_assert_uint_ge(request->finished_ns, request->started_ns);
        }
    ck_assert_uint_eq(model_waiting(contract.model), 0);
    contract_close(&contract, true);
}
END_TEST

static void submit_plaintext(struct contract_loop *c)
{
    for (unsigned i = 0; i < 100; i++)
        ck_assert_int_eq(contract_submit(c, "plaintext", 0, 0), ERR_OK);
}

enum { ROUNDS = 20, THREADS = 3 };

/* The growth of memory that is allowed in all: 10 KiB a round in a soak of 200 rounds, whose second half is measured.
 * Each subinterpreter that is made and ended costs CPython 3.12 itself 2.5 MiB. */
static const size_t MAY_GROW = 1 << 20, MAY_GROW_PER_INTERPRETER = 3 << 20;

/* ./dev test soak asks for more rounds, but not with subinterpreters: CPython would use 1.5 GB. */
static unsigned rounds_of(const char *mode)
{
    const char *asked = getenv("TANDEM_ROUNDS");
    return asked && strcmp(mode, "py-subinterp") != 0 ? (unsigned)atoi(asked) : ROUNDS;
}

/* The model is stopped right after the last answer, when its threads may still be on their way back. */
START_TEST(it_starts_and_stops_again_and_again_and_leaves_no_thread_and_no_memory)
{
    bool subinterpreters = strcmp(mode_of(_i), "py-subinterp") == 0;
    unsigned before = 0, rounds = rounds_of(mode_of(_i));
    size_t memory_before = 0;
    open_case(_i, THREADS, 1000);
    for (unsigned round = 0; round < rounds; round++) {
        if (round == rounds / 2)
            memory_before = contract_memory();
        contract_start(&contract);
        contract_run(&contract, submit_plaintext);
        contract_forget(&contract);
        models_stop(&contract.models);
        if (round == 0)
            before = contract_threads(); /* includes libuv's pool and the sanitizers' own threads */
        contract_expect_threads(before);
    }
    size_t grown = contract_memory() - memory_before;
    size_t may = MAY_GROW + (subinterpreters ? MAY_GROW_PER_INTERPRETER * THREADS * rounds / 2 : 0);
    ck_assert_msg((ssize_t)grown < (ssize_t)may, "%zd bytes more in %u rounds", (ssize_t)grown, rounds / 2);
    contract_close(&contract, false);
}
END_TEST

START_TEST(it_stops_without_ever_having_served)
{
    open_case(_i, 64, 1000);
    contract_start(&contract);
    contract_close(&contract, true);
}
END_TEST

static atomic_uint taken;

static void submit_more_than_fit(struct contract_loop *c)
{
    bool limited = !c->contract->model->ops->on_loop;
    unsigned here = 0;
    while (here < 200 && contract_submit(c, "sleep", 1, 0) == ERR_OK)
        here++;
    ck_assert(limited || here == 200);
    atomic_fetch_add(&taken, here);
    if (!limited)
        return;
    contract_meet(c); /* nothing is flushed before this: the limit is for all loops together */
    ck_assert_uint_eq(atomic_load(&taken), 16);
}

START_TEST(a_full_queue_says_so_and_takes_again_when_it_has_room)
{
    open_case(_i, 1, 16);
    contract_start(&contract);
    for (unsigned round = 0; round < 3; round++) {
        atomic_store(&taken, 0);
        contract_run(&contract, submit_more_than_fit);
        contract_forget(&contract);
    }
    contract_close(&contract, true);
}
END_TEST

static void submit_file(struct contract_loop *c)
{
    ck_assert_int_eq(contract_submit(c, "file", 1, 0), ERR_OK);
    ck_assert_int_eq(contract_submit(c, "plaintext", 0, 0), ERR_OK);
}

START_TEST(a_failing_handler_is_a_500_and_the_next_one_is_none)
{
    open_case(_i, 1, 16);
    contract_start(&contract);
    char path[1024];
    snprintf(path, sizeof path, "%s/64k", getenv("TANDEM_FILES"));
    ck_assert_int_eq(unlink(path), 0);
    contract_run(&contract, submit_file);
    ck_assert_uint_eq(reply_of(0)->status, 500);
    ck_assert_int_eq(reply_of(0)->refusal, REFUSED_HANDLER_ERROR);
    ck_assert_uint_eq(reply_of(1)->status, 200);
    contract_close(&contract, true);
}
END_TEST

/* Flushes so often that libuv's pool has many finished jobs to report to the loop, which does not run meanwhile. */
static void submit_and_flush_often(struct contract_loop *c)
{
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_int_eq(contract_submit(c, "json", 0, 0), ERR_OK);
        contract_flush(c);
        usleep(500);
    }
}

START_TEST(a_loop_may_flush_often_before_it_turns)
{
    open_case(_i, 2, 1000);
    contract_start(&contract);
    contract_run(&contract, submit_and_flush_often);
    contract_close(&contract, true);
}
END_TEST

/* One handler that sleeps, followed by requests whose clients leave before they begin. */
static void submit_and_give_up(struct contract_loop *c)
{
    struct model *model = c->contract->model;
    ck_assert_int_eq(contract_submit(c, "sleep", 50, 0), ERR_OK);
    for (unsigned i = 1; i <= 5; i++)
        ck_assert_int_eq(contract_submit(c, "sleep", 60000, 0), ERR_OK);
    for (unsigned i = 1; i <= 5; i++) {
        request_give_up(c->requests[i]);
        if (model->ops->cancel)
            model->ops->cancel(model, c->requests[i]);
    }
}

START_TEST(what_is_given_up_before_it_begins_comes_back_without_being_run)
{
    open_case(_i, 1, 32);
    contract_start(&contract);
    contract_run(&contract, submit_and_give_up);
    ck_assert_uint_eq(reply_of(0)->status, 200);
    contract_close(&contract, true);
}
END_TEST

/* libuv calls this pthread_create, because the dynamic linker finds it before the C library's. */
static atomic_uint threads_allowed = UINT_MAX;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    if (atomic_load(&threads_allowed) == 0)
        return EAGAIN;
    atomic_fetch_sub(&threads_allowed, 1);
    return real(thread, attributes, function, argument);
}

START_TEST(a_thread_that_cannot_start_fails_the_start_and_leaves_nothing)
{
    const char *mode = mode_of(_i);
    if (strcmp(mode, "py-threads") != 0 && strcmp(mode, "py-subinterp") != 0)
        return; /* the others start no threads of their own */
    open_case(_i, 8, 1000);
    unsigned before = contract_threads();
    for (unsigned allowed = 0; allowed < 8; allowed++) {
        atomic_store(&threads_allowed, allowed);
        ck_assert_int_eq(models_start(&contract.models), ERR_SYSTEM);
        char expected[128];
        snprintf(expected, sizeof expected, "--threads 8: cannot start thread %u: ", allowed + 1);
        ck_assert_ptr_eq(strstr(err_message(), expected), err_message());
        contract_expect_threads(before);
    }
    atomic_store(&threads_allowed, 8 + CONTRACT_LOOPS_MAX);
    contract_start(&contract);
    contract_run(&contract, submit_plaintext);
    contract_close(&contract, true);
}
END_TEST

static Suite *suite(void)
{
    const TTest *const tests[] = {every_request_comes_back_exactly_once,
                                  it_starts_and_stops_again_and_again_and_leaves_no_thread_and_no_memory,
                                  it_stops_without_ever_having_served,
                                  a_full_queue_says_so_and_takes_again_when_it_has_room,
                                  a_loop_may_flush_often_before_it_turns,
                                  a_failing_handler_is_a_500_and_the_next_one_is_none,
                                  what_is_given_up_before_it_begins_comes_back_without_being_run,
                                  a_thread_that_cannot_start_fails_the_start_and_leaves_nothing};
    Suite *made = suite_create("contract");
    TCase *each_model = tcase_create("each model");
    tcase_set_timeout(each_model, 60);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_loop_test(each_model, tests[i], 0, MODE_COUNT * LOOP_COUNTS);
    suite_add_tcase(made, each_model);
    return made;
}

SUITE_MAIN(suite)
