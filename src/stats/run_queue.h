/* How long this process's threads were ready to run and had no CPU: the kernel's run-queue wait. Where others use the
 * machine too, the CPU time that a process got does not say how much it could have used; with this it does. */
#ifndef TANDEM_STATS_RUN_QUEUE_H
#define TANDEM_STATS_RUN_QUEUE_H

#include <stdint.h>

/* ANY thread. Of all the threads there are now, since each began; what threads waited that have ended is not in it. 0
 * where the kernel does not count it (/proc/PID/task/TID/schedstat). */
uint64_t run_queue_wait_ns(void);

#endif
