/* The fixture of the suites for a native handler's functions: a request as an io_thread gives it to a handler. */
#ifndef TANDEM_TESTS_CALLED_H
#define TANDEM_TESTS_CALLED_H

#include <tandem/handler.h>

#include "core/request.h"

extern struct request *called_request;

/* Opens the rig (core/rig.h), makes a request in it and begins a call for run. The request is a PUT of this target
 * with these header fields ("Name: value\r
 * …") and this body. The first mount_bytes of the target are the handler's mount path. */
struct tandem_request *called(const char *target, size_t mount_bytes, const char *fields, const char *body);

/* Ends the call. Returns the log's lines since called(). */
const char *called_end(struct tandem_request *call);

/* Frees the request, and closes the rig. */
void called_close(void);

#endif
