/* The request under test, shared by the fixtures exchanges, inputs, responses and wsgi_calls. */
#ifndef TANDEM_TESTS_THE_REQUEST_H
#define TANDEM_TESTS_THE_REQUEST_H

#include "core/request.h"

extern struct request *request;

#endif
