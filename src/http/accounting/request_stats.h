/* Records the counts and phases of requests in the series of their loop (core/loop_stats.h). LOOP only. */
#ifndef TANDEM_HTTP_ACCOUNTING_REQUEST_STATS_H
#define TANDEM_HTTP_ACCOUNTING_REQUEST_STATS_H

#include <stdint.h>

#include "core/loop_stats.h"
#include "core/request.h"

/* Count a request that is offered to its model, and one that the model gives back, or refuses (ERR_BUSY). */
void request_stats_taken(const struct request *request);
void request_stats_returned(const struct request *request);

/* Counts a request whose client left before the answer. */
void request_stats_given_up(const struct request *request);

/* Records the phases up to the end of the handler, for a request that came back when no client waited any more. */
void request_stats_handler(const struct request *request);

/* Records the whole request, once the kernel has the last byte of its reply, or the connection has broken. returned_ns:
 * when the reply began to go out. */
void request_stats_written(const struct request *request, uint64_t returned_ns, uint64_t written_ns);

/* Counts a reply that goes out, by its status, and by its refusal if it is one. */
void request_stats_count_reply(struct loop_stats *stats, const struct reply *reply);

#endif
