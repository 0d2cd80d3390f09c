/* A native handler's request, struct tandem_request in tandem/handler.h.
 *
 * view.c has the functions that read it, answer.c those that answer it, native.c the two variants that create it. Only
 * its owner touches it, with one exception: cancel may run while another thread calls tandem_done. Its memory therefore
 * lives as long as the request. */
#ifndef TANDEM_NATIVE_CALL_H
#define TANDEM_NATIVE_CALL_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <tandem/handler.h>

#include "core/fields.h"
#include "core/request.h"

struct tandem_request {
    struct request *request;
    void *user;
    bool evented;
    atomic_bool done; /* evented only: tandem_done has been called */
    bool failed;      /* the reply is a 500 already */
    unsigned status;  /* 0: not set yet */
    struct fields fields;
    char path[]; /* the path below the mount, decoded */
};

/* The owner. Returns the call, which is the request's state and is freed with it. NULL: out of memory, and the reply
 * says so. */
struct tandem_request *call_begin(struct request *request, bool evented);

/* The owner. Completes the reply from what the handler has set; a 500 if that is no valid answer. */
void call_end(struct tandem_request *call);

/* The owner. Makes the reply a 500, and logs the reason. Only the first call counts. */
void call_fail(struct tandem_request *call, const char *format, ...) PRINTF_LIKE(2, 3);
void call_fail_with(struct tandem_request *call, const char *format, va_list args) PRINTF_LIKE(2, 0);

#endif
