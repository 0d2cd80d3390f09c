/* /echo: answers with the request's body and its Content-Type. */
#include "core/request.h"
#include "workloads/workloads.h"

static void run(struct request *request)
{
    const char *type = request->content_type ? request->content_type : TYPE_BYTES;
    /* The body and the type belong to the request, which lives until the reply is sent. */
    reply_borrow(&request->reply, 200, type, request->body_bytes ? request->body : "", request->body_bytes);
}

WORKLOAD_START_BY_RUNNING(run)

const struct workload workload_echo = {.name = "echo", .takes_body = true, .run = run, .start = run_on_loop};
