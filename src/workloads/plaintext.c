/* /plaintext: "Hello, World!", as TechEmpower's plaintext test requires. */
#include "core/request.h"
#include "workloads/workloads.h"

static void run(struct request *request)
{
    static const char body[] = "Hello, World!";
    reply_borrow(&request->reply, 200, "text/plain", body, sizeof body - 1);
}

WORKLOAD_START_BY_RUNNING(run)

const struct workload workload_plaintext = {.name = "plaintext", .run = run, .start = run_on_loop};
