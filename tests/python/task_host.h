/* An asyncio loop on the main thread, which runs only when the test says so, and tasks of implementations on it. */
#ifndef TANDEM_TESTS_TASK_HOST_H
#define TANDEM_TESTS_TASK_HOST_H

#include "python/implementations.h"
#include "python/workers/task.h"

extern struct tasks task_host_tasks;

/* Opens implementations.h, too. Python's __main__ has the asyncio loop as loop. */
void task_host_open(void);
void task_host_close(void);

/* The request's task starts in the next iteration. */
void task_host_start(struct request *request);

/* Runs one iteration of the asyncio loop. */
void task_host_turn(void);

/* Runs iterations until no task is left, and waits until all started requests have come back. */
void task_host_finish_all(void);

/* Calls the evented variant of a Python implementation. Returns the request, which has come back. */
struct request *task_host_run(const struct workload *workload);

/* Calls it for a request that must be answered with a 500 that does not show its reason. Returns the log's lines,
 * valid until the next call. */
const char *task_host_failure(const struct workload *workload);

#endif
