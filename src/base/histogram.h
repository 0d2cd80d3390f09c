/* A histogram of durations: log-linear, of fixed size, with an error of at most 0.8 %.
 *
 * Each value below 128 ns has its own bucket. Above, every power of two is divided into 64 equal buckets. A bucket is
 * thus at most 1/64 of its value wide, and its middle is at most 1/128 = 0.78 % away from any value in it. Values from
 * 2^42 ns (73 min) on share the last bucket. This is the layout of HdrHistogram (hdrhistogram.org), with six
 * significant bits.
 *
 * One thread records. ANY thread reads, at any time, without a lock: each field is an atomic, written with relaxed
 * order by its one writer. A reader may see a new value in one field before it sees it in another. Fields only grow
 * (the minimum, once set, only shrinks), so each field read was true at some time during the read. Zeroed memory is an
 * empty histogram, and memory pages whose buckets stay empty are never touched. histogram_sum.h reads a histogram. */
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
    _Atomic uint64_t min_plus_one_ns; /* the minimum, plus one; 0: empty */
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Returns the bucket that ns falls into: 0 … HISTOGRAM_BUCKETS - 1. */
unsigned histogram_bucket(uint64_t ns);

/* Returns the middle of the bucket's range, in ns. */
uint64_t histogram_bucket_middle(unsigned bucket);

/* The one writing thread. Records a duration. */
void histogram_record(struct histogram *histogram, uint64_t ns);

#endif
