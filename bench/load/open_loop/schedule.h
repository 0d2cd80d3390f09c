/* When each request is to be sent: decided before the run, whatever the server does.
 *
 * Poisson arrivals are what many independent clients make together: gaps of the mean 1/rate, exponentially distributed.
 * A seed gives the same arrivals again. Constant ones are 1/rate apart. */
#ifndef OPEN_LOOP_SCHEDULE_H
#define OPEN_LOOP_SCHEDULE_H

#include <stdint.h>

enum arrivals { ARRIVALS_POISSON, ARRIVALS_CONSTANT };

struct schedule {
    enum arrivals arrivals;
    double mean_gap_ns;
    double last_ns; /* Poisson: the arrival before */
    uint64_t count;
    uint64_t random;
};

void schedule_init(struct schedule *schedule, enum arrivals arrivals, double rate, uint64_t seed);

/* The next arrival, in nanoseconds from the start; never less than the one before. */
uint64_t schedule_next_ns(struct schedule *schedule);

#endif
