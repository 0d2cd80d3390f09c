/* wsgi.input of a request; Python has it as input. */
#ifndef TANDEM_TESTS_INPUTS_H
#define TANDEM_TESTS_INPUTS_H

#include "app_calls.h"
#include "the_request.h"

/* Of a request with this body. */
void inputs_open(const char *body);

/* head: what of it came with the head; the rest goes through request->feed. */
void inputs_open_inflow(const char *head);

/* The next piece of the rest. */
void inputs_put(const char *bytes);

/* Makes it anew of what is the request's body now. */
void inputs_show(void);

void inputs_close(void);

#endif
