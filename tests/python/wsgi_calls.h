/* An app that gives start_response the headers of an expression, and returns the value of another one. Python's
 * __main__ has Result(pieces…), which counts in closed how often it was closed, calls pieces that can be called and
 * raises those that are exceptions; and the latest call's write and wrap, its wsgi.file_wrapper. */
#ifndef TANDEM_TESTS_WSGI_CALLS_H
#define TANDEM_TESTS_WSGI_CALLS_H

#include "app_calls.h"
#include "the_request.h"

extern const char *wsgi_calls_log;

void wsgi_calls_open(void);
void wsgi_calls_close(void);

/* From now on the model is one that runs on the loop. */
void wsgi_calls_on_loop(void);

/* headers None: start_response is not called. A result that can be called gets the environ. Returns what wsgi_call
 * did. */
bool wsgi_calls_call(const char *method, const char *headers, const char *result);

/* GET, and what comes of it: a whole body with 200; a stream, up to how it goes on; a 500, and the log has the reason.
 */
void wsgi_calls_expect_whole(const char *headers, const char *result, const char *body);
void wsgi_calls_expect_stream(const char *headers, const char *result, const char *body, ssize_t last);
void wsgi_calls_expect_failure(const char *headers, const char *result, const char *reason);

/* How many results were closed since the last time. */
void wsgi_calls_expect_closed(unsigned times);

#endif
