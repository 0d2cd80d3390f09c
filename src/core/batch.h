/* A batch: requests that wait for their loop, which runs handlers itself. What has come is worked off together, and
 * then sent: a handler that has the network's sending before and behind it finds its caches cold, and each answer sent
 * by itself wakes its client's core (docs/performance.md).
 *
 * One per model and loop, its LOOP's only. Zeroed memory is empty. How many wait is in the model's queue_length. */
#ifndef TANDEM_CORE_BATCH_H
#define TANDEM_CORE_BATCH_H

#include "core/model.h"
#include "core/request.h"

struct batch {
    struct request_list waiting;
};

void batch_push(struct batch *batch, struct request *request);

/* NULL where none waits. */
struct request *batch_pop(struct batch *batch);

/* Has run begin what waits, oldest first, for a few milliseconds; run returns the moment at which it is through with
 * the request, which it gives back then or later. Who has left, or has waited for longer than --request-timeout, is
 * given back without. True: some wait still. */
bool batch_work_off(struct batch *batch, uint64_t (*run)(void *own, struct request *request, uint64_t now_ns),
                    void *own);

#endif
