/* --access-log: a line per response. */
#ifndef TANDEM_HTTP_ACCESS_LOG_H
#define TANDEM_HTTP_ACCESS_LOG_H

#include <stdint.h>

#include "http/connection.h"

/* LOOP. client "method target" status body-bytes seconds-since-its-head */
void access_log(const struct connection *connection, const struct request *request, uint64_t now_ns);

/* LOOP. client "-" status body-bytes -: of what the guard refuses by itself, a head or a body. */
void access_log_refusal(const struct connection *connection, const struct reply *reply);

#endif
