#include "python/workers/blocking_call.h"

#include "python/interp/request_timing.h"
#include "python/workloads/workload_module.h"
#include "python/wsgi/call.h"

bool blocking_call(struct python_thread *thread, struct request *request, uint64_t picked_up_ns)
{
    uint64_t waited_ns = counter_read(&thread->account.wait_ns);
    request->started_ns = picked_up_ns;
    if (request->workload->python != PYTHON_WSGI)
        workload_call(thread, request);
    else if (!wsgi_call(thread, request, waited_ns))
        return false;
    request_timing_finish(thread, request, waited_ns);
    return true;
}
