/* The fixture of the WSGI and ASGI suites, on top of implementations.h: requests for an app as an io_thread makes
 * them, and Python code that inspects the objects under test. */
#ifndef TANDEM_TESTS_APP_CALLS_H
#define TANDEM_TESTS_APP_CALLS_H

#include "python/implementations.h"

/* Returns a request for the loop and the model of variants.h. fields: complete lines, each with its CRLF.
 * implementations_close frees the request. */
struct request *app_request(const char *method, const char *target, const char *fields);

/* Takes the reference, which must not be NULL, and gives Python's __main__ the object under this name. */
void app_show(const char *name, PyObject *object);

/* Returns the object with this name in __main__, a borrowed reference. */
PyObject *app_global(const char *name);

/* Returns the value of an expression in __main__, a new reference. */
PyObject *app_value(const char *expression);

/* Runs the loop until count more requests have come back to it. */
void app_take_back(unsigned count);

/* fields: all of the reply's, as "name=value;…". */
void app_expect_reply(const struct request *request, unsigned status, const char *body, const char *fields);

/* Reads the reply's stream for as long as it has bytes. *last: the last result of the stream's next. */
const char *app_read_stream(const struct request *request, ssize_t *last);

/* Expects an exception whose "Type: text" contains text, and clears it. */
void app_expect_raised(const char *text);

#endif
