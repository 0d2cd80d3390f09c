/* What a histogram held at some moment, or several together, or what came between two moments: plain memory, for one
 * thread at a time.
 *
 * It takes the room of the buckets between its least and its greatest value only, so it is small enough to be kept.
 * Zeroed memory is empty; histogram_sum_free ends it. */
#ifndef TANDEM_BASE_HISTOGRAM_SUM_H
#define TANDEM_BASE_HISTOGRAM_SUM_H

#include <stdint.h>

#include "base/err.h"
#include "base/histogram.h"

struct histogram_sum {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t max_ns;
    uint64_t min_ns; /* 0 where empty */
    unsigned first;  /* the bucket of counts[0] */
    unsigned length; /* how many buckets from there on */
    uint64_t *counts;
};

/* ANY thread. Adds what histogram holds now. ERR_NOMEM leaves the sum as it was. */
WARN_UNUSED enum err histogram_sum_read(struct histogram_sum *sum, const struct histogram *histogram);

/* Adds another sum. ERR_NOMEM leaves the sum as it was. */
WARN_UNUSED enum err histogram_sum_add(struct histogram_sum *sum, const struct histogram_sum *other);

/* Takes away what the same histogram held earlier: what is left came since. Its count and sum are exact; its least and
 * greatest value are, too, where they are new ones, else they are the middles of the outermost buckets. */
void histogram_sum_subtract(struct histogram_sum *sum, const struct histogram_sum *earlier);

/* The smallest values that these shares (0 … 1, ascending) of the recorded values do not exceed, within 0.78 %; 0 where
 * it is empty. */
void histogram_sum_quantiles_ns(const struct histogram_sum *sum, const double *shares, unsigned count, uint64_t *out);

/* How many values are at most each of edges_ns (ascending). A bucket counts as a whole, by its middle: an edge is where
 * it is asked for, or up to 0.78 % beside it. */
void histogram_sum_at_most(const struct histogram_sum *sum, const uint64_t *edges_ns, unsigned count, uint64_t *out);

/* Frees what it holds; it is empty then. */
void histogram_sum_free(struct histogram_sum *sum);

#endif
