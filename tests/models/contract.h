/* What the contract test stands on: one model on one loop or several, without fronts. The test's steps run
 * on the loops. */
#ifndef TANDEM_TESTS_CONTRACT_H
#define TANDEM_TESTS_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config.h"
#include "core/loop.h"
#include "core/model.h"
#include "models/models.h"

enum { CONTRACT_REQUESTS_MAX = 4096, CONTRACT_LOOPS_MAX = 3 };

struct contract;

/* What is one loop's: its LOOP's only while it runs. */
struct contract_loop {
    struct contract *contract;
    struct loop *loop;
    struct request *requests[CONTRACT_REQUESTS_MAX]; /* in the order of contract_submit */
    unsigned answers[CONTRACT_REQUESTS_MAX];         /* how often each came back */
    unsigned submitted, answered;
    bool stepping;
};

struct contract {
    struct config config;
    struct models models;
    struct model *model;
    bool python;
    struct contract_loop at[CONTRACT_LOOPS_MAX];
    struct loop *loops[CONTRACT_LOOPS_MAX];
    unsigned loop_count;
    uv_barrier_t barrier; /* for the steps of all loops */
};

/* One model before this many loops, with this many threads and this queue limit, Python started if it needs that; the
 * model is not. */
void contract_open(struct contract *contract, const char *mode, unsigned loops, unsigned threads, unsigned queue_limit);

/* Starts it and fails the test where it cannot. */
void contract_start(struct contract *contract);

/* Runs step on each loop, at the same time, then the loops until every submitted request has come back. */
void contract_run(struct contract *contract, void (*step)(struct contract_loop *at));

/* On the loop. A request for /NAME with these parameters, offered to the model; what submit says. */
enum err contract_submit(struct contract_loop *at, const char *workload, int64_t first, int64_t second);

/* On the loop. */
void contract_flush(struct contract_loop *at);

/* In a step. Waits until the steps of all loops have come here. */
void contract_meet(struct contract_loop *at);

/* Stops the model, checks that nothing is left, and ends the rest. */
void contract_close(struct contract *contract, bool started);

/* Frees the replies of the requests so far and forgets them. */
void contract_forget(struct contract *contract);

/* The threads of this process, by /proc: the fewest in a tenth of a second, since a joined one may be seen for a
 * moment. */
unsigned contract_threads(void);

/* Fails the test where there are not as many, in a while. */
void contract_expect_threads(unsigned expected);

/* Bytes that this process has: what is allocated under AddressSanitizer, which gives nothing back for long; else what
 * is resident. */
size_t contract_memory(void);

#endif
