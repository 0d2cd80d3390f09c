/* A histogram sum: one reading of a histogram, the sum of several, or the difference of two. Plain memory, for one
 * thread at a time.
 *
 * A sum stores only the buckets between its minimum and its maximum, so it is small enough to be kept. Zeroed memory is
 * empty; histogram_sum_free frees it. */
#ifndef TANDEM_BASE_HISTOGRAM_SUM_H
#define TANDEM_BASE_HISTOGRAM_SUM_H

#include <stdint.h>

#include "base/err.h"
#include "base/histogram.h"

struct histogram_sum {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t max_ns;
    uint64_t min_ns; /* 0 if empty */
    unsigned first;  /* the bucket of counts[0] */
    unsigned length; /* of counts, in buckets */
    uint64_t *counts;
};

/* ANY thread. Adds the current contents of histogram. ERR_NOMEM leaves the sum as it was. */
WARN_UNUSED enum err histogram_sum_read(struct histogram_sum *sum, const struct histogram *histogram);

/* Adds another sum. ERR_NOMEM leaves the sum as it was. */
WARN_UNUSED enum err histogram_sum_add(struct histogram_sum *sum, const struct histogram_sum *other);

/* Subtracts an earlier reading of the same histogram, which leaves the values recorded since. Count and sum are exact.
 * So are a minimum and a maximum beyond the earlier ones; otherwise they are the middles of the outermost buckets. */
void histogram_sum_subtract(struct histogram_sum *sum, const struct histogram_sum *earlier);

/* Writes, for each of the shares (0 … 1, ascending), the smallest value that this share of the recorded values does not
 * exceed, within 0.78 %; 0 if the sum is empty. */
void histogram_sum_quantiles_ns(const struct histogram_sum *sum, const double *shares, unsigned count, uint64_t *out);

/* Writes, for each of edges_ns (ascending), how many values are at most that. A bucket counts as a whole, by its
 * middle, so an edge may be off by up to 0.78 %. */
void histogram_sum_at_most(const struct histogram_sum *sum, const uint64_t *edges_ns, unsigned count, uint64_t *out);

/* Frees the counts; the sum is empty and usable again. */
void histogram_sum_free(struct histogram_sum *sum);

#endif
