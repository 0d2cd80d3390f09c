/* The start_response of a request that its app has just been called for; Python has it as start. */
#ifndef TANDEM_TESTS_RESPONSES_H
#define TANDEM_TESTS_RESPONSES_H

#include "app_calls.h"
#include "python/wsgi_response.h"
#include "the_request.h"

extern struct wsgi_response *response;

void responses_open(const char *method);

/* The same, of a model that runs on the loop. */
void responses_open_on_loop(void);

/* The app's call is over. */
void responses_close(void);

/* Sends the pieces, pushes one: expressions, of a list and of bytes. */
bool responses_send(const char *expression);
bool responses_push(const char *expression);

/* What there is of the stream, and how it goes on. */
void responses_expect_stream(const char *bytes, ssize_t last);

#endif
