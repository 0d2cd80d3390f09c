/* /json: creates and serialises an object for each request. */
#include <jansson.h>
#include <string.h>

#include "core/request.h"
#include "workloads/workloads.h"

static void run(struct request *request)
{
    json_t *object = json_pack("{s:s}", "message", "Hello, World!");
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (text)
        reply_take(&request->reply, 200, TYPE_JSON, text, strlen(text));
    else
        request_fail(request, "out of memory");
}

WORKLOAD_START_BY_RUNNING(run)

const struct workload workload_json = {.name = "json", .run = run, .start = run_on_loop};
