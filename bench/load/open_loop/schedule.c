#include "schedule.h"

#include <math.h>

void schedule_init(struct schedule *schedule, enum arrivals arrivals, double rate, uint64_t seed)
{
    *schedule = (struct schedule){.arrivals = arrivals, .mean_gap_ns = 1e9 / rate, .random = seed};
}

/* SplitMix64: https://prng.di.unimi.it/splitmix64.c */
static uint64_t random_bits(struct schedule *schedule)
{
    uint64_t bits = schedule->random += 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
}

/* From 0, which it may be, to 1, which it is not. */
static double random_share(struct schedule *schedule)
{
    return (double)(random_bits(schedule) >> 11) * 0x1p-53;
}

uint64_t schedule_next_ns(struct schedule *schedule)
{
    uint64_t before = schedule->count++;
    if (schedule->arrivals == ARRIVALS_CONSTANT)
        return (uint64_t)((double)before * schedule->mean_gap_ns);
    schedule->last_ns -= log1p(-random_share(schedule)) * schedule->mean_gap_ns;
    return (uint64_t)schedule->last_ns;
}
