/* What the operating system says of this process. */
#ifndef TANDEM_STATS_PROCESS_H
#define TANDEM_STATS_PROCESS_H

#include <jansson.h>
#include <stdint.h>

struct process_sum {
    uint64_t user_ns, system_ns; /* on a CPU */
    uint64_t voluntary_switches, involuntary_switches;

    uint64_t resident_bytes, threads; /* states: a difference leaves them as they are */
};

/* ANY thread. As of now. */
void process_read(struct process_sum *out);

/* Takes away what there was earlier. */
void process_subtract(struct process_sum *sum, const struct process_sum *earlier);

/* "process" in the document. NULL where memory ran out. Returns owned. */
json_t *process_json(const struct process_sum *sum);

#endif
