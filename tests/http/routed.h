/* Routes requests, for the router's suites. */
#ifndef TANDEM_TESTS_ROUTED_H
#define TANDEM_TESTS_ROUTED_H

#include "core/request.h"
#include "core/routes.h"

extern struct request *routed; /* the latest request */

void routed_open(const struct routes *routes);
void routed_close(void);

/* Routes a new request without a head, and frees the previous request. */
void routed_ask(const char *method, const char *target);

/* Routes a request that must be answered with this error. */
void routed_expect_error(const char *method, const char *target, unsigned status, const char *sentence);

/* Routes a request that must be answered with this text. */
void routed_expect_text(const char *method, const char *target, const char *text);

#endif
