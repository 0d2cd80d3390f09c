#include "http/drain.h"

#include "http/front.h"

void drain_check(struct front *front)
{
    if (front->draining && front_connections(front) == 0 && front->outstanding == 0 && front->lingering.count == 0)
        front->events->on_drained(front);
}
