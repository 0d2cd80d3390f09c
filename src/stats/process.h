/* The operating system's figures for this process. */
#ifndef TANDEM_STATS_PROCESS_H
#define TANDEM_STATS_PROCESS_H

#include <stdint.h>

struct process_sum {
    uint64_t user_ns, system_ns; /* CPU time */
    uint64_t voluntary_switches, involuntary_switches;

    uint64_t resident_bytes, threads; /* states: process_subtract leaves them as they are */
};

/* ANY thread. Reads the figures as of now. */
void process_read(struct process_sum *out);

/* Subtracts an earlier reading. */
void process_subtract(struct process_sum *sum, const struct process_sum *earlier);

#endif
