/* --server-timing: where a request's time went, for its client to see (W3C Server Timing), in milliseconds. */
#ifndef TANDEM_HTTP_SERVER_TIMING_H
#define TANDEM_HTTP_SERVER_TIMING_H

#include <stdint.h>

#include "core/request.h"

enum { SERVER_TIMING_BYTES = 160 };

/* LOOP. The header's value, in out: "queue;dur=0.012, gil;dur=…, handler;dur=…, return;dur=…", the phases of /stats
 * that are over when the reply is sent. returned_ns: now. NULL where no handler had the request. */
const char *server_timing_format(const struct request *request, uint64_t returned_ns, char out[SERVER_TIMING_BYTES]);

#endif
