/* Workloads defined by the test, with Python implementations of its own, called on the main thread. */
#ifndef TANDEM_TESTS_IMPLEMENTATIONS_H
#define TANDEM_TESTS_IMPLEMENTATIONS_H

#include "python/interp/thread.h"
#include "python/workers/blocking_call.h"
#include "python/workloads/workload_module.h"
#include "workloads/variants.h"

extern struct python_thread *implementations_thread; /* the main thread's; it is inside Python */

void implementations_open(void);
void implementations_close(void);

/* Returns a new workload with this name, and writes its module from code; NULL: it has no module. The caller may
 * change the workload. */
struct workload *implementation(const char *name, const char *code);

/* Returns a request for the workload that is not called yet; implementations_close frees it. */
struct request *implementation_request(const struct workload *workload);

/* Makes such a request and calls it. */
struct request *implementation_call(const struct workload *workload);

/* Calls such a request, which must be answered with a 500 that does not show its reason. Returns the log's lines,
 * valid until the next call. */
const char *implementation_failure(const struct workload *workload);

#endif
