/* Feeds the part of a request's body that is still to come into an inward pipe (stream/pipe.h). */
#ifndef TANDEM_TESTS_INWARD_H
#define TANDEM_TESTS_INWARD_H

#include "stream/pipe.h"

/* Puts a copy of the bytes into the pipe. Returns the result of pipe_put. */
bool inward_put(struct pipe *pipe, const char *bytes, size_t length);

#endif
