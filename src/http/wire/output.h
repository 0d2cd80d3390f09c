/* The bytes that go out on a connection. Everything that tandem writes to a client of HTTP goes this way: replies,
 * 100 Continue, refusals. LOOP only.
 *
 * output_send sends as much as the kernel takes. The rest stays with the connection (struct output in connection.h),
 * until output_flush has sent it: after output_watch, as soon as the kernel takes more. */
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

/* Calls on_writable when the kernel takes more, or the client has left; again and again until output_unwatch. False:
 * memory ran out. */
bool output_watch(struct connection *connection, uv_poll_cb on_writable);
void output_unwatch(struct connection *connection);

/* Forgets what is unsent. */
void output_drop(struct connection *connection);

#endif
