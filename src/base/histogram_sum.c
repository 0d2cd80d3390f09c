#include "base/histogram_sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t load(const _Atomic uint64_t *field)
{
    return atomic_load_explicit(field, memory_order_relaxed);
}

/* Extends counts to the buckets first to last, beside those it holds. ERR_NOMEM leaves the sum as it was. */
static enum err cover(struct histogram_sum *sum, unsigned first, unsigned last)
{
    if (sum->length > 0) {
        unsigned own_last = sum->first + sum->length - 1;
        if (first >= sum->first && last <= own_last)
            return ERR_OK;
        first = first < sum->first ? first : sum->first;
        last = last > own_last ? last : own_last;
    }
    uint64_t *counts = calloc(last - first + 1, sizeof *counts);
    if (!counts)
        return ERR_NOMEM;
    if (sum->length > 0)
        memcpy(counts + (sum->first - first), sum->counts, sum->length * sizeof *counts);
    free(sum->counts);
    sum->counts = counts;
    sum->first = first;
    sum->length = last - first + 1;
    return ERR_OK;
}

/* Widens the range of values to include min_ns to max_ns. Must precede the change of count. */
static void widen(struct histogram_sum *sum, uint64_t min_ns, uint64_t max_ns)
{
    if (sum->count == 0 || min_ns < sum->min_ns)
        sum->min_ns = min_ns;
    if (max_ns > sum->max_ns)
        sum->max_ns = max_ns;
}

/* histogram_record writes the minimum and the maximum after the bucket. A value outside them was therefore recorded
 * during this read, and belongs to the next one. */
enum err histogram_sum_read(struct histogram_sum *sum, const struct histogram *histogram)
{
    uint64_t min_plus_one = load(&histogram->min_plus_one_ns);
    if (min_plus_one == 0)
        return ERR_OK;
    uint64_t min_ns = min_plus_one - 1, max_ns = load(&histogram->max_ns);
    if (max_ns < min_ns)
        max_ns = min_ns;
    unsigned first = histogram_bucket(min_ns), last = histogram_bucket(max_ns);
    enum err err = cover(sum, first, last);
    if (err)
        return err;
    widen(sum, min_ns, max_ns);
    sum->sum_ns += load(&histogram->sum_ns);
    for (unsigned bucket = first; bucket <= last; bucket++) {
        uint64_t count = load(&histogram->buckets[bucket]);
        sum->counts[bucket - sum->first] += count;
        sum->count += count;
    }
    return ERR_OK;
}

enum err histogram_sum_add(struct histogram_sum *sum, const struct histogram_sum *other)
{
    if (other->count == 0)
        return ERR_OK;
    enum err err = cover(sum, other->first, other->first + other->length - 1);
    if (err)
        return err;
    widen(sum, other->min_ns, other->max_ns);
    sum->sum_ns += other->sum_ns;
    sum->count += other->count;
    for (unsigned i = 0; i < other->length; i++)
        sum->counts[other->first - sum->first + i] += other->counts[i];
    return ERR_OK;
}

static uint64_t less(uint64_t later, uint64_t earlier)
{
    return later > earlier ? later - earlier : 0;
}

static uint64_t within(uint64_t value, uint64_t min, uint64_t max)
{
    return value < min ? min : value > max ? max : value;
}

/* Narrows the range to the values that are left. A minimum or maximum beyond the earlier one came since, and is exact.
 * Otherwise it is estimated from the outermost bucket. */
static void narrow(struct histogram_sum *sum, const struct histogram_sum *earlier)
{
    unsigned first = 0, last = sum->length - 1;
    while (!sum->counts[first])
        first++;
    while (!sum->counts[last])
        last--;
    uint64_t min_ns = sum->min_ns, max_ns = sum->max_ns;
    if (min_ns >= earlier->min_ns)
        sum->min_ns = within(histogram_bucket_middle(sum->first + first), min_ns, max_ns);
    if (max_ns <= earlier->max_ns)
        sum->max_ns = within(histogram_bucket_middle(sum->first + last), sum->min_ns, max_ns);
}

void histogram_sum_subtract(struct histogram_sum *sum, const struct histogram_sum *earlier)
{
    if (earlier->count == 0)
        return;
    sum->count = 0;
    for (unsigned i = 0; i < sum->length; i++) {
        unsigned bucket = sum->first + i;
        if (bucket >= earlier->first && bucket - earlier->first < earlier->length)
            sum->counts[i] = less(sum->counts[i], earlier->counts[bucket - earlier->first]);
        sum->count += sum->counts[i];
    }
    if (sum->count == 0) {
        histogram_sum_free(sum);
        return;
    }
    sum->sum_ns = less(sum->sum_ns, earlier->sum_ns);
    narrow(sum, earlier);
}

void histogram_sum_quantiles_ns(const struct histogram_sum *sum, const double *shares, unsigned count, uint64_t *out)
{
    uint64_t seen = 0;
    unsigned next = 0; /* the first bucket not counted in seen */
    for (unsigned i = 0; i < count; i++) {
        uint64_t rank = (uint64_t)ceil(shares[i] * (double)sum->count);
        if (rank >= sum->count) {
            out[i] = sum->max_ns;
            continue;
        }
        while (seen == 0 || seen < rank)
            seen += sum->counts[next++];
        out[i] = within(histogram_bucket_middle(sum->first + next - 1), sum->min_ns, sum->max_ns);
    }
}

void histogram_sum_at_most(const struct histogram_sum *sum, const uint64_t *edges_ns, unsigned count, uint64_t *out)
{
    uint64_t seen = 0;
    unsigned next = 0;
    for (unsigned i = 0; i < count; i++) {
        while (next < sum->length && histogram_bucket_middle(sum->first + next) <= edges_ns[i])
            seen += sum->counts[next++];
        out[i] = seen;
    }
}

void histogram_sum_free(struct histogram_sum *sum)
{
    free(sum->counts);
    *sum = (struct histogram_sum){0};
}
