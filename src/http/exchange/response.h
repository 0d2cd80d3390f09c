/* Sends a reply: head and body, from the first byte to the last. libmicrohttpd is only told when the kernel has all of
 * it. LOOP only.
 *
 * While the client takes nothing, or the reply's stream has nothing, the stage stays STAGE_WRITING, and libmicrohttpd
 * must have suspended the connection. Each wait for the client has a time limit (TIMEOUT_WRITE); no limit runs while
 * the stream has nothing. */
#ifndef TANDEM_HTTP_EXCHANGE_RESPONSE_H
#define TANDEM_HTTP_EXCHANGE_RESPONSE_H

#include <microhttpd.h>

#include "http/connection/connection.h"

/* Inside the access handler, in STAGE_WRITING. Counts the reply, and sends of it what can be sent at once. The stage
 * then is STAGE_SENT, STAGE_BROKEN, or still STAGE_WRITING: the caller must suspend the connection, which is resumed
 * when the stage changes. Borrows the reply until then. last: the connection is to end after the reply. It also ends if
 * the I/O thread drains, if the connection is closing, or if the client asked for it. */
void response_start(struct connection *connection, bool last);

/* Inside the access handler, in STAGE_SENT. Tells libmicrohttpd that the reply is sent. MHD_NO: memory ran out. */
enum MHD_Result response_tell(struct connection *connection);

/* Sends 100 Continue (RFC 9110, 15.2.1), before the reply. */
void response_continue(struct connection *connection);

/* The server drains: asks the stream that the connection is sending, if any, to end soon. */
void response_drain(struct connection *connection);

/* Breaks off the stream that the connection is sending, if any, or of which it is sending the last bytes. The client
 * sees that the stream is incomplete. */
void response_break(struct connection *connection);

/* In STAGE_WRITING. Ends the reply, whatever its body is, and the connection. */
void response_give_up(struct connection *connection);

#endif
