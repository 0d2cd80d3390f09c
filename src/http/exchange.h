/* The exchange: one request of a connection, from the head that libmicrohttpd hands over to the last byte of the reply.
 * LOOP only.
 *
 * This is the loop's side of the hand-off (core/handoff.h is the other). libmicrohttpd calls the access handler for a
 * connection that waits for its answer at every run, and a response can only be queued in there. So a request that a
 * model took is left pending, which costs next to nothing as long as answers come soon; only one that was asked after
 * EXCHANGE_POLLS_MAX times in vain is suspended: a suspend and a resume cost three system calls, and resuming any
 * connection walks all suspended ones. */
#ifndef TANDEM_HTTP_EXCHANGE_H
#define TANDEM_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "http/connection.h"

enum { EXCHANGE_POLLS_MAX = 32 };

/* libmicrohttpd's access handler (MHD_AccessHandlerCallback); cls: the front. */
enum MHD_Result exchange_on_call(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_bytes, void **context);

/* libmicrohttpd's MHD_OPTION_NOTIFY_COMPLETED; cls: the front. */
void exchange_on_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how);

/* struct loop's on_answered. */
void exchange_on_answered(struct loop *loop, struct request *request);

/* Writes the 504 into the reply of a request that was not answered within its time limit. */
void exchange_reply_late(struct request *request);

/* The model keeps the connection's request, and nobody waits for its answer any more. */
void exchange_abandon(struct connection *connection);

#endif
