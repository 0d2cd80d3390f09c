/* A model whose threads run Python implementations from the test. Its requests come back to the rig's loop. */
#ifndef TANDEM_TESTS_HOSTED_H
#define TANDEM_TESTS_HOSTED_H

#include "core/rig.h"
#include "core/workload.h"

/* Starts Python, but not the model. In every interpreter, an implementation can import tell and hold from
 * tandem.events. */
void hosted_open(const struct model_ops *ops);

/* Stops the model if it was started, and releases everything else. */
void hosted_close(bool started);

/* Starts the model; fails the test if it does not start. */
void hosted_start(void);

/* Returns a workload with one number as its parameter, and writes its Python module. */
const struct workload *hosted_implementation(const char *name, const char *code);

/* LOOP. Submits a request for the workload; flushes the model. */
struct request *hosted_submit(const struct workload *workload, int64_t n);
void hosted_flush(void);

/* Submits a request, and runs the loop until it has come back. */
struct request *hosted_call(const struct workload *workload, int64_t n);

/* Waits for count calls of tell(). */
void hosted_wait_told(unsigned count);

/* Lets count calls of hold() return, including calls still to come. */
void hosted_let_go(unsigned count);

/* Runs Python code in the main interpreter, on the calling thread. */
void hosted_python(const char *code);

#endif
