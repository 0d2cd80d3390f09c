/* What the suites of a native handler's functions stand on: a request as the front gives it to a handler. */
#ifndef TANDEM_TESTS_CALLED_H
#define TANDEM_TESTS_CALLED_H

#include <tandem/handler.h>

#include "core/request.h"

extern struct request *called_request;

/* Opens the rig (core/rig.h), and makes a request of it for a run: a PUT of this target, of which the first mount_bytes
 * are the way to the handler, with these header fields ("Name: value\r\n…") and this body. */
struct tandem_request *called(const char *target, size_t mount_bytes, const char *fields, const char *body);

/* Ends the call; returns what the log said meanwhile. */
const char *called_end(struct tandem_request *call);

/* Frees the request, and closes the rig. */
void called_close(void);

#endif
