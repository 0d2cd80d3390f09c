/* The functions of tandem/handler.h by which a native handler answers. A body goes into the reply at once, the rest in
 * call_end. */
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/log.h"
#include "core/model.h"
#include "native/call.h"

enum { QUOTED_BYTES = 64 };

void tandem_set_user(struct tandem_request *call, void *user)
{
    call->user = user;
}

void tandem_set_status(struct tandem_request *call, unsigned status)
{
    if (status < 200 || status > 599)
        call_fail(call, "the handler's status %u is not from 200 to 599", status);
    call->status = status;
}

/* Returns text, cut to fit out and without control bytes, which could end a line of the log. */
static const char *quote(const char *text, char out[QUOTED_BYTES])
{
    (void)snprintf(out, QUOTED_BYTES, "%s", text);
    for (char *at = out; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    return out;
}

void tandem_add_field(struct tandem_request *call, const char *name, const char *value)
{
    if (call->failed)
        return;
    char quoted[QUOTED_BYTES];
    if (ascii_equals(name, strlen(name), "content-length") || fields_is_hop_by_hop(name, strlen(name))) {
        call_fail(call, "the header field %s is the server's to say", name);
        return;
    }
    switch (fields_add(&call->fields, name, strlen(name), value, strlen(value))) {
    case ERR_OK:
        break;
    case ERR_NOMEM:
        call_fail(call, "out of memory for a header field");
        break;
    default:
        call_fail(call, "the handler's header field '%s' has a forbidden byte, in its name or its value",
                  quote(name, quoted));
    }
}

void tandem_set_body(struct tandem_request *call, const void *bytes, size_t length)
{
    struct reply *reply = &call->request->reply;
    if (call->failed)
        return;
    reply_copy(reply, 0, NULL, bytes, length);
    if (reply->refusal != REFUSED_NOT)
        call_fail(call, "out of memory for a body of %zu bytes", length);
}

static void keep(void *context)
{
    (void)context;
}

void tandem_take_body(struct tandem_request *call, const void *bytes, size_t length, void (*release)(void *context),
                      void *context)
{
    if (!release)
        release = keep;
    if (call->failed)
        release(context);
    else
        reply_take_with(&call->request->reply, 0, NULL, length ? bytes : "", length, release, context);
}

void tandem_fail(struct tandem_request *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    call_fail_with(call, format, args);
    va_end(args);
}

void tandem_done(struct tandem_request *call)
{
    if (!call->evented) {
        call_fail(call, "the handler called tandem_done in run, whose return is the end");
        return;
    }
    struct request *request = call->request;
    if (atomic_exchange(&call->done, true)) {
        log_error("%s %s in %s: the handler called tandem_done twice", request->method, request->target,
                  request->model->ops->name);
        return;
    }
    call_end(call);
    request_done(request);
}
