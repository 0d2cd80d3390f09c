/* Clocks. Durations and timestamps are nanoseconds in uint64_t. A timestamp is on CLOCK_MONOTONIC unless its name says
 * otherwise. */
#ifndef TANDEM_BASE_CLOCK_H
#define TANDEM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

/* ANY thread. Returns the time on CLOCK_MONOTONIC. A call takes about 25 ns through the vDSO. */
static inline uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ANY thread. Returns the seconds since the Unix epoch. */
static inline double clock_unix_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / (double)NS_PER_S;
}

/* Converts a duration to seconds. */
static inline double clock_seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* Returns later minus earlier; 0 if clocks read on two cores came out in the wrong order. */
static inline uint64_t clock_between(uint64_t earlier_ns, uint64_t later_ns)
{
    return later_ns > earlier_ns ? later_ns - earlier_ns : 0;
}

#endif
