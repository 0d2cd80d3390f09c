/* Tests py-inline beyond the contract: it works off the waiting requests, for a limited time per batch. */
#include "assertions.h"

#include "base/clock.h"
#include "models/contract.h"
#include "suite.h"

static struct contract contract;

static void open_inline(void)
{
    contract_open(&contract, "py-inline", 1, 1, 16);
    contract_start(&contract);
}

static void submit_three(struct contract_loop *c, const char *workload, int64_t parameter)
{
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(contract_submit(c, workload, parameter, 0), ERR_OK);
}

static bool work_off(struct contract_loop *c)
{
    return contract.model->ops->work_off(contract.model, c->loop);
}

static unsigned first_quick; /* the first of three requests that went into one batch */

/* A batch ends after 5 ms. On a loaded machine that may be before the third request, so this tries again until a batch
 * took less. */
static void work_off_quick_ones(struct contract_loop *c)
{
    bool in_time = false;
    while (!in_time) {
        first_quick = c->submitted;
        submit_three(c, "plaintext", 0);
        ck_assert_uint_eq(c->answered, first_quick);
        ck_assert_uint_eq(model_waiting(contract.model), 3);
        uint64_t start_ns = clock_ns();
        bool more = work_off(c);
        in_time = clock_ns() - start_ns < 5 * NS_PER_MS;
        ck_assert(!in_time || !more);
        while (more)
            more = work_off(c);
        ck_assert_uint_eq(c->answered, first_quick + 3);
        ck_assert_uint_eq(model_waiting(contract.model), 0);
    }
    ck_assert(!work_off(c));
}

START_TEST(what_has_come_is_called_when_all_of_it_is_in)
{
    open_inline();
    contract_run(&contract, work_off_quick_ones);
    for (unsigned i = first_quick + 1; i < first_quick + 3; i++) {
        const struct request *before = contract.at[0].requests[i - 1], *request = contract.at[0].requests[i];
        ck_assert_uint_eq(request->started_ns, before->finished_ns);
        ck_assert_uint_gt(request->finished_ns, request->started_ns);
        ck_assert_uint_eq(request->gil_ns, 0);
    }
    contract_close(&contract, true);
}
END_TEST

static void work_off_slow_ones(struct contract_loop *c)
{
    submit_three(c, "sleep", 20);
    ck_assert(work_off(c));
    ck_assert_uint_eq(c->answered, 1); /* its answer need not wait for the others */
    request_give_up(c->requests[1]);
    ck_assert(!work_off(c));
    ck_assert_uint_eq(c->answered, 3);
}

START_TEST(a_slow_handler_ends_the_batch)
{
    open_inline();
    contract_run(&contract, work_off_slow_ones);
    ck_assert_uint_eq(contract.at[0].requests[0]->reply.status, 200);
    ck_assert_uint_eq(contract.at[0].requests[1]->reply.status, 0);
    ck_assert_uint_eq(contract.at[0].requests[2]->reply.status, 200);
    contract_close(&contract, true);
}
END_TEST

static void work_off_late_ones(struct contract_loop *c)
{
    submit_three(c, "plaintext", 0);
    ck_assert(!work_off(c));
    ck_assert_uint_eq(c->answered, 3);
}

START_TEST(what_has_waited_for_too_long_is_not_called)
{
    open_inline();
    contract.config.request_timeout_ns = 1;
    contract_run(&contract, work_off_late_ones);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(contract.at[0].requests[i]->reply.status, 0);
    contract_close(&contract, true);
}
END_TEST

static void give_up_behind_a_slow_one(struct contract_loop *c)
{
    submit_three(c, "sleep", 20);
    request_give_up(c->requests[2]);
    ck_assert(work_off(c));
    ck_assert_uint_eq(c->answered, 2); /* the last one was given up: it need not wait for its turn */
    ck_assert_uint_eq(model_waiting(contract.model), 1);
    ck_assert(!work_off(c));
}

START_TEST(who_has_left_does_not_stay_in_the_queue)
{
    open_inline();
    contract_run(&contract, give_up_behind_a_slow_one);
    ck_assert_uint_eq(contract.at[0].requests[1]->reply.status, 200);
    ck_assert_uint_eq(contract.at[0].requests[2]->reply.status, 0);
    contract_close(&contract, true);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("py_inline");
    TCase *batches = tcase_create("batches");
    tcase_add_test(batches, what_has_come_is_called_when_all_of_it_is_in);
    tcase_add_test(batches, a_slow_handler_ends_the_batch);
    tcase_add_test(batches, what_has_waited_for_too_long_is_not_called);
    tcase_add_test(batches, who_has_left_does_not_stay_in_the_queue);
    suite_add_tcase(made, batches);
    return made;
}

SUITE_MAIN(suite)
