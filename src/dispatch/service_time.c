#include "dispatch/service_time.h"

#include "base/clock.h"

enum { MEAN_OF = 16 };
#define STALL_NS      NS_PER_MS
#define STANDBY_NS    NS_PER_S
#define WAKE_WORTH_NS (200 * NS_PER_US)

void service_time_took(struct service_time *service_time, uint64_t took_ns)
{
    service_time->mean_ns = (service_time->mean_ns * (MEAN_OF - 1) + took_ns) / MEAN_OF;
}

void service_time_stalled(struct service_time *service_time)
{
    service_time->stalled_until_ns = clock_ns() + STANDBY_NS;
    if (service_time->mean_ns < STALL_NS)
        service_time->mean_ns = STALL_NS;
}

bool service_time_is_stalled(const struct service_time *service_time)
{
    return service_time->stalled_until_ns && service_time->stalled_until_ns > clock_ns();
}

bool service_time_another_pays(const struct service_time *service_time, unsigned waiting, unsigned at_work,
                               unsigned coming)
{
    return coming < waiting && waiting * service_time->mean_ns > at_work * WAKE_WORTH_NS;
}
