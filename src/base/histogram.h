/* A histogram of durations: log-linear, at most 0.8 % off, of fixed size.
 *
 * Values below 128 ns have a bucket each; above, every power of two is cut into 64 equal buckets, so a bucket is at
 * most 1/64 of its value wide and its middle at most 1/128 = 0.78 % away from any value in it. Values from 2^42 ns (73
 * min) on share the last bucket. This is the layout of HdrHistogram (hdrhistogram.org), with six significant bits.
 *
 * One thread records; any thread reads, at any time, without a lock: each field is an atomic of its own, written with
 * relaxed order by its one writer. A reader may see a value in one field before it sees it in another; every field only
 * grows, so what it reads was true within the time of the read. Zeroed memory is an empty histogram, and pages of it
 * that no value fell into are never touched. It is read by taking a sum of it (histogram_sum.h). */
#ifndef TANDEM_BASE_HISTOGRAM_H
#define TANDEM_BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 6,
    HISTOGRAM_MAX_BITS = 42,
    HISTOGRAM_BUCKETS = (HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS,
};

struct histogram {
    _Atomic uint64_t sum_ns;
    _Atomic uint64_t max_ns;
    _Atomic uint64_t min_plus_one_ns; /* 0: empty */
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* The bucket that ns falls into: 0 … HISTOGRAM_BUCKETS - 1. */
unsigned histogram_bucket(uint64_t ns);

/* The middle of a bucket's range. */
uint64_t histogram_bucket_middle(unsigned bucket);

/* The one writing thread. */
void histogram_record(struct histogram *histogram, uint64_t ns);

#endif
