#include "base/histogram.h"

#include <math.h>

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

/* Widens sum's range to hold other's, before other's count is added. */
static void widen(struct histogram_sum *sum, uint64_t min_ns, uint64_t max_ns)
{
    if (sum->count == 0 || min_ns < sum->min_ns)
        sum->min_ns = min_ns;
    if (max_ns > sum->max_ns)
        sum->max_ns = max_ns;
}

void histogram_add(struct histogram_sum *sum, const struct histogram *histogram)
{
    uint64_t min_plus_one = load(&histogram->min_plus_one_ns);
    if (min_plus_one == 0)
        return;
    widen(sum, min_plus_one - 1, load(&histogram->max_ns));
    sum->sum_ns += load(&histogram->sum_ns);
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = load(&histogram->buckets[i]);
        sum->buckets[i] += count;
        sum->count += count;
    }
}

void histogram_sum_add(struct histogram_sum *sum, const struct histogram_sum *other)
{
    if (other->count == 0)
        return;
    widen(sum, other->min_ns, other->max_ns);
    sum->sum_ns += other->sum_ns;
    sum->count += other->count;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        sum->buckets[i] += other->buckets[i];
}

uint64_t histogram_quantile_ns(const struct histogram_sum *sum, double share)
{
    if (sum->count == 0)
        return 0;
    uint64_t rank = (uint64_t)ceil(share * (double)sum->count);
    if (rank >= sum->count)
        return sum->max_ns;
    uint64_t seen = 0;
    unsigned bucket = 0;
    for (; bucket < HISTOGRAM_BUCKETS - 1; bucket++) {
        seen += sum->buckets[bucket];
        if (seen >= rank && seen > 0)
            break;
    }
    uint64_t middle = histogram_bucket_middle(bucket);
    if (middle < sum->min_ns)
        return sum->min_ns;
    return middle > sum->max_ns ? sum->max_ns : middle;
}
