/* The fixture of the contract test: one model on one or several loops, without io_threads. The test's steps run on the
 * loops. */
#ifndef TANDEM_TESTS_CONTRACT_H
#define TANDEM_TESTS_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "core/loop.h"
#include "core/model.h"
#include "models/models.h"

enum { CONTRACT_REQUESTS_MAX = 4096, CONTRACT_LOOPS_MAX = 3 };

struct contract;

/* The state of one loop. While the loop runs, only its LOOP thread may use this. */
struct contract_loop {
    struct contract *contract;
    struct loop *loop;
    struct request *requests[CONTRACT_REQUESTS_MAX]; /* in the order of contract_submit */
    unsigned answers[CONTRACT_REQUESTS_MAX];         /* how often each came back; must be 1 */
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
    uv_barrier_t barrier; /* where the steps of all loops meet */
};

/* Opens one model for this many loops, with this many threads and this queue limit. Starts Python if the model needs
 * it, but not the model. */
void contract_open(struct contract *contract, const char *mode, unsigned loops, unsigned threads, unsigned queue_limit);

/* Starts the model; fails the test if it does not start. */
void contract_start(struct contract *contract);

/* Runs step on all loops at the same time, then runs the loops until every submitted request has come back. */
void contract_run(struct contract *contract, void (*step)(struct contract_loop *at));

/* LOOP. Submits a request for /NAME with these parameters. Returns the result of the model's submit. */
enum err contract_submit(struct contract_loop *at, const char *workload, int64_t first, int64_t second);

/* LOOP. Flushes the model, and works off what came. */
void contract_flush(struct contract_loop *at);

/* LOOP, in a step. Waits until the steps of all loops have come here. */
void contract_meet(struct contract_loop *at);

/* Stops the model if it was started, and releases everything else. */
void contract_close(struct contract *contract, bool started);

/* Frees all requests so far, with their replies. */
void contract_forget(struct contract *contract);

/* Returns the number of this process's threads, from /proc. It is the lowest count in a tenth of a second, because a
 * joined thread may stay visible for a short time. */
unsigned contract_threads(void);

/* Fails the test unless the process has this many threads within about a second. */
void contract_expect_threads(unsigned expected);

/* Returns the memory of this process in bytes: the allocated bytes under a sanitizer, which keeps freed memory for
 * long; otherwise the resident bytes. */
size_t contract_memory(void);

#endif
