/* The request that a suite is about, and what stands on it: exchanges, inputs, responses, wsgi_calls. */
#ifndef TANDEM_TESTS_THE_REQUEST_H
#define TANDEM_TESTS_THE_REQUEST_H

#include "core/request.h"

extern struct request *request;

#endif
