/* What a run counts, and how it is printed. Times are counted in nanoseconds and printed in microseconds.
 *
 * Each request of the schedule ends in one of: completed, errors.read, errors.write, unanswered. */
#ifndef OPEN_LOOP_RESULTS_H
#define OPEN_LOOP_RESULTS_H

#include "base/histogram.h"
#include "options.h"

struct results {
    uint64_t intended, sent, completed, unanswered;
    uint64_t waited;   /* had no idle connection at their time */
    uint64_t reopened; /* connections that the server closed, and that were opened again */
    struct {
        uint64_t connect, read, write;
        uint64_t status;  /* completed, but by none of 2xx and 3xx */
        uint64_t timeout; /* of the unanswered: sent */
    } errors;
    uint64_t duration_ns; /* from the start to the last answer, at least the seconds asked for */
    uint64_t first_intended_ns, last_intended_ns, first_completed_ns, last_completed_ns;
    struct histogram latency;           /* from the intended time; an unanswered one counts with what it waited */
    struct histogram latency_from_send; /* from the time of sending, of what was sent */
    struct histogram lateness;          /* of the driver: sent after the intended time though a connection was idle */
};

/* A line "JSON {...}" on standard output. */
void results_print(const struct results *results, const struct options *options);

#endif
