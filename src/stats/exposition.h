/* Writes Prometheus's text format 0.0.4, line by line: a family's HELP and TYPE, then its samples.
 *
 * Labels are passed as they stand between the braces, such as a="x",b="y", or as "". Their values contain no quote,
 * backslash or line feed. If memory runs out, the rest is dropped and failed is set. */
#ifndef TANDEM_STATS_EXPOSITION_H
#define TANDEM_STATS_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/histogram_sum.h"

/* Zeroed memory is empty. buf_free(&text) frees it. */
struct exposition {
    struct buf text;
    const char *family; /* the family of the next samples; borrowed */
    bool failed;
};

/* Begins a family. type: counter, gauge or histogram. The name of a counter ends in _total. */
void exposition_family(struct exposition *out, const char *name, const char *type, const char *help);

void exposition_integer(struct exposition *out, const char *labels, uint64_t value);

/* Writes a duration in seconds, with nine decimals. */
void exposition_seconds(struct exposition *out, const char *labels, uint64_t ns);

void exposition_real(struct exposition *out, const char *labels, double value);

/* Writes cumulative buckets from 50 µs to 60 s, the sum and the count. */
void exposition_histogram(struct exposition *out, const char *labels, const struct histogram_sum *sum);

#endif
