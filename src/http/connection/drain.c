#include "http/connection/drain.h"

#include "http/connection/io_thread_state.h"

void drain_check(struct io_thread *io_thread)
{
    if (io_thread->draining && accept_queue_connections(io_thread) == 0 && io_thread->outstanding == 0 &&
        io_thread->lingering_closes.count == 0)
        io_thread->events->on_drained(io_thread);
}
