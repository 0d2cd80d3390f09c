/* The exchange: one request of a connection, from the head that libmicrohttpd hands over to the last byte of the reply.
 * LOOP only.
 *
 * This is the loop's side of the handoff; dispatch/handoff.h is the other. A reply can only begin inside the access
 * handler, which libmicrohttpd calls in every run for each connection that waits for its answer. So a request
 * that a model took is left pending, which costs next to nothing as long as answers come soon. The connection is only
 * suspended after EXCHANGE_POLLS_MAX calls without an answer: a suspend and a resume cost three system calls, and a
 * resume walks all suspended connections. */
#ifndef TANDEM_HTTP_EXCHANGE_EXCHANGE_H
#define TANDEM_HTTP_EXCHANGE_EXCHANGE_H

#include <microhttpd.h>

#include "http/connection/connection.h"

enum { EXCHANGE_POLLS_MAX = 32 };

/* libmicrohttpd's access handler (MHD_AccessHandlerCallback). cls: the I/O thread. */
enum MHD_Result exchange_on_call(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_bytes, void **context);

/* libmicrohttpd's MHD_OPTION_NOTIFY_COMPLETED. cls: the I/O thread. */
void exchange_on_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how);

/* Takes back a request that its model has answered (struct loop's on_answered). True: a client waits for the answer, so
 * the daemon must run. False: no client waits any more, and the request was freed. */
bool exchange_on_answered(struct loop *loop, struct request *request);

/* TIMEOUT_HANDLER has expired: answers with a 504 while the model still has the request. */
void exchange_on_late(struct connection *connection);

#endif
