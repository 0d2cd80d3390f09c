/* --server-timing: tells the client where its request's time went, in milliseconds (W3C Server Timing). */
#ifndef TANDEM_HTTP_ACCOUNTING_SERVER_TIMING_H
#define TANDEM_HTTP_ACCOUNTING_SERVER_TIMING_H

#include <stdint.h>

#include "core/request.h"

enum { SERVER_TIMING_BYTES = 160 };

/* LOOP. Formats the header's value into out: "queue;dur=0.012, gil;dur=…, handler;dur=…, return;dur=…". These are the
 * phases of /stats that are over when the reply begins to go out, at returned_ns. Returns out, or NULL if no handler
 * got the request. */
const char *server_timing_format(const struct request *request, uint64_t returned_ns, char out[SERVER_TIMING_BYTES]);

#endif
