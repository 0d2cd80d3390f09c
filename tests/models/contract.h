/* What the contract test stands on: one model on one loop, without a front. The test's steps run on the loop. */
#ifndef TANDEM_TESTS_CONTRACT_H
#define TANDEM_TESTS_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config.h"
#include "core/loop.h"
#include "core/model.h"
#include "models/models.h"

enum { CONTRACT_REQUESTS_MAX = 4096 };

struct contract {
    struct config config;
    struct models models;
    struct model *model;
    struct loop *loop;
    bool python;

    struct request *requests[CONTRACT_REQUESTS_MAX]; /* in the order of contract_submit */
    unsigned answers[CONTRACT_REQUESTS_MAX];         /* how often each came back */
    unsigned submitted, answered;
    bool stepping;
};

/* One model with this many threads and this queue limit, Python started if it needs that; the model is not. */
void contract_open(struct contract *contract, const char *mode, unsigned threads, unsigned queue_limit);

/* Starts it and fails the test where it cannot. */
void contract_start(struct contract *contract);

/* Runs step on the loop, then the loop until every submitted request has come back. */
void contract_run(struct contract *contract, void (*step)(struct contract *contract));

/* On the loop. A request for /NAME with these parameters, offered to the model; what submit says. */
enum err contract_submit(struct contract *contract, const char *workload, int64_t first, int64_t second);

/* On the loop. */
void contract_flush(struct contract *contract);

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
