/* What a request's moments come to, recorded into its loop's series (core/stats.h). LOOP only. */
#ifndef TANDEM_HTTP_RECORD_H
#define TANDEM_HTTP_RECORD_H

#include <stdint.h>

#include "core/request.h"

/* Its model took it, and gave it back. */
void record_taken(const struct request *request);
void record_returned(const struct request *request);

/* Its client left before the answer. */
void record_given_up(const struct request *request);

/* The phases that its model answers for: of a request that nobody waited for to the end. */
void record_handler(const struct request *request);

/* The last byte of its reply is with the kernel: the whole request. returned_ns: when its reply was queued. */
void record_written(const struct request *request, uint64_t returned_ns, uint64_t written_ns);

#endif
