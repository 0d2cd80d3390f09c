/* The functions of tandem/handler.h by which a native handler reads its request. */
#include "core/loop.h"
#include "native/call.h"

const char *tandem_method(const struct tandem_request *call)
{
    return call->request->method;
}

const char *tandem_target(const struct tandem_request *call)
{
    return call->request->target;
}

const char *tandem_path(const struct tandem_request *call)
{
    return call->path;
}

const char *tandem_query(const struct tandem_request *call)
{
    return request_query(call->request);
}

bool tandem_next_field(const struct tandem_request *call, size_t *at, struct tandem_bytes *name,
                       struct tandem_bytes *value)
{
    size_t next = *at ? *at : call->request->fields_at;
    struct field field;
    if (!request_next_field(call->request, &next, &field))
        return false;
    *at = next;
    *name = (struct tandem_bytes){field.name, field.name_bytes};
    *value = (struct tandem_bytes){field.value, field.value_bytes};
    return true;
}

bool tandem_field(const struct tandem_request *call, const char *name, struct tandem_bytes *value)
{
    size_t at = call->request->fields_at;
    struct field field;
    if (!request_next_field_named(call->request, name, &at, &field))
        return false;
    *value = (struct tandem_bytes){field.value, field.value_bytes};
    return true;
}

struct tandem_bytes tandem_body(const struct tandem_request *call)
{
    return (struct tandem_bytes){call->request->body ? call->request->body : "", call->request->body_bytes};
}

const char *tandem_peer_host(const struct tandem_request *call)
{
    return call->request->peer.host;
}

unsigned tandem_peer_port(const struct tandem_request *call)
{
    return call->request->peer.port;
}

unsigned tandem_http_minor_version(const struct tandem_request *call)
{
    return call->request->minor_version;
}

struct uv_loop_s *tandem_loop(const struct tandem_request *call)
{
    return call->evented ? &call->request->loop->uv : NULL;
}

void *tandem_user(const struct tandem_request *call)
{
    return call->user;
}
