#include "native/called.h"

#include "assertions.h"
#include <string.h>

#include "captured_log.h"
#include "core/rig.h"
#include "native/call.h"

struct request *called_request;

struct tandem_request *called(const char *target, size_t mount_bytes, const char *fields, const char *body)
{
    static const char line[] = "PUT * HTTP/1.1\r\n";
    rig_open();
    called_request = request_new(rig_loop, strlen(line) + strlen(fields) + 3);
    ck_assert_ptr_nonnull(called_request);
    strcat(strcat(strcpy(called_request->head, line), fields), "\r\n");
    called_request->fields_at = strlen(line);
    called_request->method = "PUT";
    called_request->target = target;
    called_request->mount_bytes = mount_bytes;
    called_request->model = &rig_model;
    called_request->peer = (struct address){"192.0.2.7", 4321};
    called_request->minor_version = 1;
    ck_assert_int_eq(request_body_append(called_request, body, strlen(body)), ERR_OK);
    captured_log_begin();
    return call_begin(called_request, false);
}

const char *called_end(struct tandem_request *call)
{
    call_end(call);
    return captured_log_end();
}

void called_close(void)
{
    request_free(called_request);
    rig_close();
}
