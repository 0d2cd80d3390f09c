/* Workloads of the test's own, with Python forms of its own, called on the main thread. */
#ifndef TANDEM_TESTS_TWINS_H
#define TANDEM_TESTS_TWINS_H

#include "python/blocking_call.h"
#include "python/python_thread.h"
#include "python/workload_calls.h"
#include "workloads/forms.h"

extern struct python_thread *twins_thread; /* the main thread's, inside */

void twins_open(void);
void twins_close(void);

/* A workload of this name, and its module: this code, or none where it is NULL. The caller may change the workload. */
struct workload *twin(const char *name, const char *code);

/* A request for it, not called yet; twins_close frees it. */
struct request *twin_request(const struct workload *workload);

/* The same, called. */
struct request *twin_call(const struct workload *workload);

/* The same, which has to be a 500 that keeps its reason to itself. The log's lines, until the next call. */
const char *twin_failure(const struct workload *workload);

#endif
