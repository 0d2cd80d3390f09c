/* The kernel's run-queue wait: how long this process's threads were ready to run but had no CPU. On a machine that
 * others use too, used CPU time alone does not tell how much the process could have used. */
#ifndef TANDEM_STATS_RUN_QUEUE_H
#define TANDEM_STATS_RUN_QUEUE_H

#include <stdint.h>

/* ANY thread. Returns the wait of all current threads, each since it began; threads that have ended are not included. 0
 * if the kernel does not count it (/proc/PID/task/TID/schedstat). */
uint64_t run_queue_wait_ns(void);

#endif
