/* Prometheus's text format 0.0.4, line by line: a family's HELP and TYPE, then its samples.
 *
 * Labels are given ready to be put between braces, or "": a="x",b="y". Their values hold no quote, backslash or line
 * feed. Where memory runs out the rest goes nowhere, and failed says so at the end. */
#ifndef TANDEM_STATS_EXPOSITION_H
#define TANDEM_STATS_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/histogram_sum.h"

/* Zeroed memory is empty; buf_free(&text) ends it. */
struct exposition {
    struct buf text;
    const char *family; /* the one that the next samples belong to */
    bool failed;
};

/* type: counter, gauge, histogram. The name of a counter ends in _total. */
void exposition_family(struct exposition *out, const char *name, const char *type, const char *help);

void exposition_integer(struct exposition *out, const char *labels, uint64_t value);

/* A duration, in seconds, to the nanosecond. */
void exposition_seconds(struct exposition *out, const char *labels, uint64_t ns);

void exposition_real(struct exposition *out, const char *labels, double value);

/* Cumulative buckets from 50 µs to a minute, the sum and the count. */
void exposition_histogram(struct exposition *out, const char *labels, const struct histogram_sum *sum);

#endif
