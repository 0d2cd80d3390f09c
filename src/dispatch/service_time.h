/* The mean service time of a queue's handlers, which decides if another thread at work would pay. Under the queue's
 * lock only. */
#ifndef TANDEM_DISPATCH_SERVICE_TIME_H
#define TANDEM_DISPATCH_SERVICE_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct service_time {
    uint64_t mean_ns;          /* moving average of the service times */
    uint64_t stalled_until_ns; /* another stall is expected until then; 0: there was none */
};

/* Records the service time of a request. */
void service_time_took(struct service_time *service_time, uint64_t took_ns);

/* Records a stall: no request was taken for 1 ms, although some waited. Raises the mean to at least 1 ms. */
void service_time_stalled(struct service_time *service_time);

/* True if the queue has stalled within the last second. */
bool service_time_is_stalled(const struct service_time *service_time);

/* For threads that run in parallel. True if those at work would need longer for the waiting requests than a wake-up is
 * worth (200 µs). coming: how many of those at work were woken and have not taken a request yet. */
bool service_time_another_pays(const struct service_time *service_time, unsigned waiting, unsigned at_work,
                               unsigned coming);

#endif
