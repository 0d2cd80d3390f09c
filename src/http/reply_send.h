/* A reply handed to libmicrohttpd, which sends it. */
#ifndef TANDEM_HTTP_REPLY_SEND_H
#define TANDEM_HTTP_REPLY_SEND_H

#include <microhttpd.h>

#include "core/reply.h"
#include "core/stats.h"
#include "http/connection.h"

#define SERVER_NAME "tandem"

/* LOOP, inside the access handler. Queues the reply to the connection's request, and counts it. Borrows it until the
 * request is completed. Where the front drains, the connection ends behind it. MHD_NO where memory ran out:
 * libmicrohttpd closes the connection. */
enum MHD_Result reply_send(struct connection *connection);

/* LOOP. Counts a reply by its status, and by its refusal if it is one. */
void reply_count(struct loop_stats *stats, const struct reply *reply);

#endif
