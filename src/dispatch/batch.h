/* A batch: requests that wait for their loop, which runs the handlers itself. All requests at hand are handled first,
 * and then all answers are sent. A handler that runs between two sends finds its caches cold, and an answer sent on its
 * own wakes its client's core (docs/lab-book.md).
 *
 * One batch per model and loop; LOOP only. Zeroed memory is an empty batch. The loop's statistics count the requests
 * that wait, for model_waiting. */
#ifndef TANDEM_DISPATCH_BATCH_H
#define TANDEM_DISPATCH_BATCH_H

#include "base/cache_line.h"
#include "core/model.h"
#include "core/request.h"

struct batch {
    _Alignas(CACHE_LINE) struct request_list waiting;
};

void batch_push(struct batch *batch, struct request *request);

/* Returns the oldest request; NULL if none waits. */
struct request *batch_pop(struct batch *batch);

/* Calls run for the requests that wait, oldest first, for about 5 ms. run starts the request, calls request_done then
 * or later, and returns the time at which it has finished with it. Requests that were given up, or have waited for
 * longer than --request-timeout, get request_done without run. True: some requests still wait. */
bool batch_work_off(struct batch *batch, uint64_t (*run)(void *own, struct request *request, uint64_t now_ns),
                    void *own);

#endif
