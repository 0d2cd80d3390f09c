#include "base/histogram.h"

enum { SUB_BUCKETS = 1 << HISTOGRAM_SUB_BITS };

unsigned histogram_bucket(uint64_t ns)
{
    if (ns < 2 * SUB_BUCKETS)
        return (unsigned)ns;
    unsigned top_bit = 63U - (unsigned)__builtin_clzll(ns);
    if (top_bit >= HISTOGRAM_MAX_BITS)
        return HISTOGRAM_BUCKETS - 1;
    unsigned octave = top_bit - HISTOGRAM_SUB_BITS;
    return (octave << HISTOGRAM_SUB_BITS) + (unsigned)(ns >> octave);
}

uint64_t histogram_bucket_middle(unsigned bucket)
{
    if (bucket < 2 * SUB_BUCKETS)
        return bucket;
    unsigned octave = (bucket >> HISTOGRAM_SUB_BITS) - 1;
    uint64_t lowest = (uint64_t)(bucket - (octave << HISTOGRAM_SUB_BITS)) << octave;
    return lowest + ((1ULL << octave) >> 1);
}

static uint64_t load(const _Atomic uint64_t *field)
{
    return atomic_load_explicit(field, memory_order_relaxed);
}

static void store(_Atomic uint64_t *field, uint64_t value)
{
    atomic_store_explicit(field, value, memory_order_relaxed);
}

void histogram_record(struct histogram *histogram, uint64_t ns)
{
    _Atomic uint64_t *bucket = &histogram->buckets[histogram_bucket(ns)];
    store(bucket, load(bucket) + 1);
    store(&histogram->sum_ns, load(&histogram->sum_ns) + ns);
    if (ns > load(&histogram->max_ns))
        store(&histogram->max_ns, ns);
    uint64_t min_plus_one = load(&histogram->min_plus_one_ns);
    if (min_plus_one == 0 || ns + 1 < min_plus_one)
        store(&histogram->min_plus_one_ns, ns + 1);
}
