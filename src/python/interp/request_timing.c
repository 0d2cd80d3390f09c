#include "python/interp/request_timing.h"

#include "base/clock.h"

uint64_t request_timing_pick_up(struct request *request, uint64_t now_ns, uint64_t waited_ns)
{
    uint64_t in_queue_ns = clock_between(request->submitted_ns, now_ns);
    request->gil_ns = waited_ns < in_queue_ns ? waited_ns : in_queue_ns;
    return now_ns - request->gil_ns;
}

void request_timing_finish(struct python_thread *thread, struct request *request, uint64_t waited_ns)
{
    request->gil_ns += counter_read(&thread->account.wait_ns) - waited_ns;
    request->finished_ns = clock_ns();
}

void request_timing_give_back(struct python_thread *thread, struct request *request, uint64_t waited_ns)
{
    request_timing_finish(thread, request, waited_ns);
    request_done(request);
}
