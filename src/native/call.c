#include "native/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/fork.h"
#include "base/percent.h"

enum { REASON_BYTES = 4096 };

static void free_call(void *state)
{
    struct tandem_request *call = state;
    fields_free(&call->fields);
    free(call);
}

struct tandem_request *call_begin(struct request *request, bool evented)
{
    const char *path = request->target + request->mount_bytes;
    size_t path_bytes = request_path_bytes(request) - request->mount_bytes;
    struct tandem_request *call = malloc(sizeof *call + path_bytes + 1);
    if (!call) {
        request_fail(request, "out of memory");
        return NULL;
    }
    memset(call, 0, sizeof *call);
    call->request = request;
    call->evented = evented;
    CHECK(percent_decode(path, path_bytes, false, call->path,
                         path_bytes + 1)); /* the request filter refuses other paths */
    request->state = call;
    request->free_state = free_call;
    return call;
}

void call_fail_with(struct tandem_request *call, const char *format, va_list args)
{
    if (call->failed)
        return;
    char reason[REASON_BYTES];
    (void)vsnprintf(reason, sizeof reason, format, args);
    request_fail(call->request, "%s", reason);
    call->failed = true;
}

void call_fail(struct tandem_request *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    call_fail_with(call, format, args);
    va_end(args);
}

static bool never_has_body(unsigned status)
{
    return status == 204 || status == 304;
}

void call_end(struct tandem_request *call)
{
    struct reply *reply = &call->request->reply;
    if (fork_is_child())
        fork_end_child("has returned to the server");
    if (!call->status)
        call_fail(call, "the handler has set no status (tandem_set_status)");
    else if (never_has_body(call->status) && reply->body_bytes > 0)
        call_fail(call, "an answer of status %u has no body, and the handler gave it one", call->status);
    if (call->failed)
        return;
    reply->status = call->status;
    reply->fields = call->fields;
    call->fields = (struct fields){0};
}
