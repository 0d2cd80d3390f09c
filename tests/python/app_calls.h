/* What the suites of WSGI and ASGI stand on, beside twins: requests for an app as the front makes them, and Python that
 * looks at the objects under test. */
#ifndef TANDEM_TESTS_APP_CALLS_H
#define TANDEM_TESTS_APP_CALLS_H

#include "twins.h"

/* A request of twins' loop and model. fields: whole lines, each with its CRLF. The twins free it. */
struct request *app_request(const char *method, const char *target, const char *fields);

/* Takes the reference, which must not be NULL: Python's __main__ has it under that name. */
void app_show(const char *name, PyObject *object);

/* What __main__ has under that name, borrowed. */
PyObject *app_global(const char *name);

/* The value of an expression in __main__: a new reference. */
PyObject *app_value(const char *expression);

/* Runs the loop until so many more requests have come back to it. */
void app_take_back(unsigned count);

/* The reply's body and fields ("name=value;…"). */
void app_expect_reply(const struct request *request, unsigned status, const char *body, const char *fields);

/* What the reply's stream has, up to where it has nothing. *last: what its next said then. */
const char *app_read_stream(const struct request *request, ssize_t *last);

/* An exception is set, whose "Type: text" has this in it; clears it. */
void app_expect_raised(const char *text);

#endif
