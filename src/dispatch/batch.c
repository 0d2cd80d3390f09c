#include "dispatch/batch.h"

#include "base/clock.h"
#include "core/loop.h"

/* How long a run of handlers goes on before the answers are sent; the last handler may exceed it. This is CPython's
 * switch interval, for which other threads wait for the GIL anyway. */
static const uint64_t batch_ns = 5000000;

/* Only the loop writes the count, so it needs no atomic addition. */
static void show_count(const struct batch *batch, const struct request *request)
{
    atomic_uint *waiting = &request->loop->stats.waiting[request->model->index];
    atomic_store_explicit(waiting, batch->waiting.count, memory_order_relaxed);
}

void batch_push(struct batch *batch, struct request *request)
{
    request_list_push(&batch->waiting, request);
    show_count(batch, request);
}

struct request *batch_pop(struct batch *batch)
{
    struct request *request = request_list_pop(&batch->waiting);
    if (request)
        show_count(batch, request);
    return request;
}

/* True if nobody waits for the answer, or the request has waited so long that it will be a 504 anyway. */
static bool is_late(const struct request *request, uint64_t now_ns)
{
    return request_given_up(request) ||
           clock_between(request->submitted_ns, now_ns) > request->model->config->request_timeout_ns;
}

/* Calls request_done for late requests among those that slow handlers have left waiting. Their turn may come much
 * later, and until then they would take up places in the queue. */
static void drop_late(struct batch *batch)
{
    uint64_t now_ns = clock_ns();
    for (unsigned left = batch->waiting.count; left > 0; left--) {
        struct request *request = batch_pop(batch);
        if (is_late(request, now_ns))
            request_done(request);
        else
            batch_push(batch, request);
    }
}

bool batch_work_off(struct batch *batch, uint64_t (*run)(void *own, struct request *request, uint64_t now_ns),
                    void *own)
{
    if (batch->waiting.count == 0)
        return false;
    uint64_t now_ns = clock_ns(), end_ns = now_ns + batch_ns;
    struct request *request;
    while (now_ns < end_ns && (request = batch_pop(batch)))
        if (is_late(request, now_ns))
            request_done(request);
        else
            now_ns = run(own, request, now_ns);
    if (batch->waiting.count > 0)
        drop_late(batch);
    return batch->waiting.count > 0;
}
