/* Requests that are routed, for the suites of the router. */
#ifndef TANDEM_TESTS_ROUTED_H
#define TANDEM_TESTS_ROUTED_H

#include "core/request.h"
#include "core/site.h"

extern struct request *routed; /* the latest one */

void routed_open(const struct site *site);
void routed_close(void);

/* Routes a request without a head; the one before is freed. */
void routed_ask(const char *method, const char *target);

/* The same: it is answered with this error. */
void routed_expect_error(const char *method, const char *target, unsigned status, const char *sentence);

/* The same: it is answered with this text. */
void routed_expect_text(const char *method, const char *target, const char *text);

#endif
