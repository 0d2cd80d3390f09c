/* The wsgi.input of a request; Python has it as input. */
#ifndef TANDEM_TESTS_INPUTS_H
#define TANDEM_TESTS_INPUTS_H

#include "python/app_calls.h"
#include "python/the_request.h"

/* The input of a request with this body. */
void inputs_open(const char *body);

/* head: the part of the body that came with the head; the rest goes through request->body_writer. */
void inputs_open_inward(const char *head);

/* Puts the next piece of the rest. */
void inputs_put(const char *bytes);

/* Makes the input again, from the request's present body. */
void inputs_show(void);

void inputs_close(void);

#endif
