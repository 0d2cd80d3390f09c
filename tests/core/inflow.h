/* What of a request's body is still to come: core/pipe.h, inward. */
#ifndef TANDEM_TESTS_INFLOW_H
#define TANDEM_TESTS_INFLOW_H

#include "core/pipe.h"

/* Puts a copy of the bytes. As pipe_put. */
bool inflow_put(struct pipe *pipe, const char *bytes, size_t length);

#endif
