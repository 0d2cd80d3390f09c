/* A native handler's request: what tandem/handler.h calls struct tandem_request.
 *
 * view.c is what it gives to read, answer.c what its handler says to it, native.c the two forms that make it. Its owner
 * alone touches it, but it lives as long as the request: cancel may come while another thread calls tandem_done. */
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
    atomic_bool done; /* of an evented one: tandem_done has been called */
    bool failed;      /* the reply is the 500 already */
    unsigned status;  /* 0: not said yet */
    struct fields fields;
    char path[]; /* behind the mount, decoded */
};

/* The owner. The request's state from now on, freed with it. NULL: memory ran out, and
 * the reply says so. */
struct tandem_request *call_begin(struct request *request, bool evented);

/* The owner. The reply is what was said; a 500 where that is no answer. */
void call_end(struct tandem_request *call);

/* The owner. The reply is a 500 from now on, and the log says why; only the first time. */
void call_fail(struct tandem_request *call, const char *format, ...) PRINTF_LIKE(2, 3);
void call_fail_with(struct tandem_request *call, const char *format, va_list args) PRINTF_LIKE(2, 0);

#endif
