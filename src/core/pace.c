#include "core/pace.h"

#include "base/clock.h"

enum { MEAN_OF = 16 };
#define STALL_NS      NS_PER_MS
#define STANDBY_NS    NS_PER_S
#define WAKE_WORTH_NS (200 * NS_PER_US)

void pace_took(struct pace *pace, uint64_t took_ns)
{
    pace->mean_ns = (pace->mean_ns * (MEAN_OF - 1) + took_ns) / MEAN_OF;
}

void pace_stalled(struct pace *pace)
{
    pace->stalled_until_ns = clock_ns() + STANDBY_NS;
    if (pace->mean_ns < STALL_NS)
        pace->mean_ns = STALL_NS;
}

bool pace_is_stalled(const struct pace *pace)
{
    return pace->stalled_until_ns && pace->stalled_until_ns > clock_ns();
}

bool pace_another_pays(const struct pace *pace, unsigned waiting, unsigned at_work, unsigned coming)
{
    return coming < waiting && waiting * pace->mean_ns > at_work * WAKE_WORTH_NS;
}
