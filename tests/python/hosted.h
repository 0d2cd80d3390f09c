/* A model whose threads run Python, with twins of the test's own; its requests come back to the rig's loop. */
#ifndef TANDEM_TESTS_HOSTED_H
#define TANDEM_TESTS_HOSTED_H

#include "core/rig.h"
#include "core/workload.h"

/* Python, started; the model, not. Every twin can import tell and hold from tandem.events, in whichever interpreter. */
void hosted_open(const struct model_ops *ops);

/* Stops the model, if it was started, and the rest. */
void hosted_close(bool started);

/* Starts it, and fails the test where that fails. */
void hosted_start(void);

/* A workload with a number as its parameter, and its module. */
const struct workload *hosted_twin(const char *name, const char *code);

/* On the loop. */
struct request *hosted_submit(const struct workload *workload, int64_t n);
void hosted_flush(void);

/* A request that is submitted, and comes back. */
struct request *hosted_call(const struct workload *workload, int64_t n);

/* Waits until count times one has called tell(). */
void hosted_wait_told(unsigned count);

/* Has count that called hold(), or will, go on. */
void hosted_let_go(unsigned count);

/* Runs Python code in the main interpreter, on this thread. */
void hosted_python(const char *code);

#endif
