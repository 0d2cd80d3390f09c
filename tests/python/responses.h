/* The start_response of a request whose app has just been called; Python has it as start. */
#ifndef TANDEM_TESTS_RESPONSES_H
#define TANDEM_TESTS_RESPONSES_H

#include "python/app_calls.h"
#include "python/the_request.h"
#include "python/wsgi/response.h"

extern struct wsgi_response *response;

void responses_open(const char *method);

/* The same for a GET, with a model that runs on the loop. */
void responses_open_on_loop(void);

/* Ends the app's call, and closes. */
void responses_close(void);

/* Sends the pieces of a list, and pushes one piece. The arguments are Python expressions: of a list, of bytes. */
bool responses_send(const char *expression);
bool responses_push(const char *expression);

/* Expects these bytes from the request's stream, then last as the result of its next. */
void responses_expect_stream(const char *bytes, ssize_t last);

#endif
