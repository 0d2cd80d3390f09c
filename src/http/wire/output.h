/* The bytes that go out on a connection. Everything that tandem writes to a client of HTTP goes this way: replies,
 * 100 Continue, refusals. LOOP only.
 *
 * output_send sends as much as the kernel takes. The rest stays with the connection (struct output in connection.h),
 * until output_flush has sent it: after output_wait, as soon as the kernel takes more. */
#ifndef TANDEM_HTTP_WIRE_OUTPUT_H
#define TANDEM_HTTP_WIRE_OUTPUT_H

#include <stddef.h>

#include "http/connection/connection.h"

enum output_result {
    OUTPUT_SENT,    /* the kernel has all bytes */
    OUTPUT_BLOCKED, /* the kernel takes no more for now */
    OUTPUT_FAILED,  /* the client has left, the file is shorter than was said, or memory ran out */
};

/* Sends head, after what is unsent, and then the body. What the kernel does not take of head is copied. The body is
 * borrowed until it is sent, or until output_drop. */
enum output_result output_send(struct connection *connection, const char *head, size_t head_bytes,
                               const struct output_body *body);

/* Sends what is unsent. */
enum output_result output_flush(struct connection *connection);

/* Sends what is unsent as the kernel takes it, and then calls on_end; at once, from the loop, if nothing is unsent.
 * NULL: nobody asks. socket_watch_stop ends the wait without a call. False: memory ran out. */
bool output_wait(struct connection *connection, void (*on_end)(struct connection *connection, bool failed));

/* In a wait by output_wait, which a busy loop may have delayed: writes at once if the kernel takes more. OUTPUT_SENT:
 * the wait is over, and on_end was called. OUTPUT_BLOCKED: the kernel took some, and the wait goes on. OUTPUT_FAILED:
 * it takes nothing, or the client has left; the wait goes on. */
enum output_result output_catch_up(struct connection *connection);

/* Forgets what is unsent. */
void output_drop(struct connection *connection);

#endif
