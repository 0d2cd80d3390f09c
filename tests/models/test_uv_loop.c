/* Tests uv-loop beyond the contract: what the clock says of a handler that works on after its answer. */
#include "base/clock.h"
#include "models/contract.h"
#include "suite.h"

enum { REQUESTS = 3 };

static struct contract contract;
static uint64_t ended_ns[REQUESTS];
static unsigned ended;

/* Answers first, as a handler of the user's may. */
static void answer_and_work(struct request *request)
{
    reply_borrow(&request->reply, 200, TYPE_TEXT, "early", 5);
    request_done(request);
    uint64_t begun_ns = clock_ns();
    while (clock_ns() - begun_ns < NS_PER_MS)
        ;
    ended_ns[ended++] = clock_ns();
}

static const struct workload early = {.name = "early", .is_mount = true, .start = answer_and_work};

static void work_off_early_ones(struct contract_loop *c)
{
    for (unsigned i = 0; i < REQUESTS; i++) {
        ck_assert_int_eq(contract_submit(c, "plaintext", 0, 0), ERR_OK);
        c->requests[i]->workload = &early;
    }
    while (contract.model->ops->work_off(contract.model, c->loop))
        ;
}

START_TEST(the_next_handler_begins_when_the_one_before_has_returned)
{
    contract_open(&contract, "uv-loop", 1, 1, 16);
    contract_start(&contract);
    contract_run(&contract, work_off_early_ones);
    ck_assert_uint_eq(ended, REQUESTS);
    for (unsigned i = 1; i < REQUESTS; i++)
        ck_assert_uint_ge(contract.at[0].requests[i]->started_ns, ended_ns[i - 1]);
    contract_close(&contract, true);
}
END_TEST

SUITE("uv_loop", the_next_handler_begins_when_the_one_before_has_returned)
