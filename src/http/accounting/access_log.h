/* --access-log: one log line per response. */
#ifndef TANDEM_HTTP_ACCOUNTING_ACCESS_LOG_H
#define TANDEM_HTTP_ACCOUNTING_ACCESS_LOG_H

#include <stdint.h>

#include "http/connection/connection.h"

/* LOOP. Logs: client "method target" status body-bytes seconds-since-its-head */
void access_log(const struct connection *connection, const struct request *request, uint64_t now_ns);

/* LOOP. Logs a head or body that the request filter refuses by itself: client "-" status body-bytes - */
void access_log_refusal(const struct connection *connection, const struct reply *reply);

#endif
