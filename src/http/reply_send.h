/* A reply handed to libmicrohttpd, which sends it. */
#ifndef TANDEM_HTTP_REPLY_SEND_H
#define TANDEM_HTTP_REPLY_SEND_H

#include <microhttpd.h>
#include <stdbool.h>

#include "core/reply.h"
#include "core/stats.h"

#define SERVER_NAME "tandem"

/* LOOP, inside the access handler. Queues the reply, and counts it. Borrows it until the request is completed. close:
 * the connection ends behind it. MHD_NO where memory ran out: libmicrohttpd closes the connection. */
enum MHD_Result reply_send(struct MHD_Connection *mhd, const struct reply *reply, bool close, struct loop_stats *stats);

/* LOOP. Counts a reply by its status, and by its refusal if it is one. */
void reply_count(struct loop_stats *stats, const struct reply *reply);

#endif
