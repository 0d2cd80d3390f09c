/* Calls an app that passes the headers of one expression to start_response, and returns the value of another.
 *
 * Python's __main__ has Result(pieces…), an iterable. It counts its close() calls in closed, calls the pieces that are
 * callable, and raises those that are exceptions. __main__ also has write and wrap of the latest call; wrap is its
 * wsgi.file_wrapper. */
#ifndef TANDEM_TESTS_WSGI_CALLS_H
#define TANDEM_TESTS_WSGI_CALLS_H

#include "python/app_calls.h"
#include "python/the_request.h"

extern const char *wsgi_calls_log;

void wsgi_calls_open(void);
void wsgi_calls_close(void);

/* Makes the model one that runs on the loop, from now on. */
void wsgi_calls_on_loop(void);

/* headers None: start_response is not called. A callable result is called with the environ. Returns the result of
 * wsgi_call. */
bool wsgi_calls_call(const char *method, const char *headers, const char *result);

/* Call the app with GET and check the outcome: a whole body with 200; a stream, and the last result of its next; a
 * 500, whose reason is in the log. */
void wsgi_calls_expect_whole(const char *headers, const char *result, const char *body);
void wsgi_calls_expect_stream(const char *headers, const char *result, const char *body, ssize_t last);
void wsgi_calls_expect_failure(const char *headers, const char *result, const char *reason);

/* Expects that many close() calls of results since the last check. */
void wsgi_calls_expect_closed(unsigned times);

#endif
