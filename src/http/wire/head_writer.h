/* The head of a reply: its status line and its fields (RFC 9112, 4). LOOP only. */
#ifndef TANDEM_HTTP_WIRE_HEAD_WRITER_H
#define TANDEM_HTTP_WIRE_HEAD_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/reply.h"

struct io_thread;

/* How the client finds the end of the body (RFC 9112, 6.3). */
enum framing {
    FRAMING_NONE,    /* there is no body, and no field about one */
    FRAMING_LENGTH,  /* Content-Length: reply->length, or else the bytes of the body */
    FRAMING_CHUNKED, /* Transfer-Encoding: chunked */
    FRAMING_CLOSE,   /* the end of the connection */
};

struct head_style {
    enum framing framing;
    bool closes;        /* Connection: close */
    bool keeps;         /* Connection: Keep-Alive, for a client of HTTP/1.0 that asked for it */
    const char *timing; /* the value of Server-Timing; NULL: no such field */
};

/* Returns how many bytes a head takes at most. */
size_t head_writer_room(const struct reply *reply, const struct head_style *style);

/* Writes the head to out, which has that room. Returns its end. A Server or Date field of the reply stands in place of
 * tandem's own. */
char *head_writer_write(struct io_thread *io_thread, const struct reply *reply, const struct head_style *style,
                        char *out);

#endif
