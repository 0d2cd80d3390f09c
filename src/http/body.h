/* The body of a request as it comes in: beside libmicrohttpd, which sees one byte of it (guard.h), into the request, or
 * through a pipe to a handler that has the request already. LOOP only. */
#ifndef TANDEM_HTTP_BODY_H
#define TANDEM_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct connection;

enum {
    BODY_READ_BYTES = 384 * 1024, /* at a time: the loop has other connections */
    BODY_WHOLE_BYTES = 64 * 1024, /* so much is waited for before a handler gets it */
};

/* How much of a body is read at a time; less where it is not yet known whether it is for a handler that reads it as it
 * comes. */
size_t body_read_bytes(const struct connection *connection);

/* In a body. Takes what it can of in, and returns how much that is. */
size_t body_take(struct connection *connection, const char *in, size_t in_bytes);

/* Whether so much of a body of known length is to come that it pays to read it without a copy. */
bool body_reads_directly(const struct connection *connection);

/* Then: reads once, straight into the request or the piece for its handler. Returns what recv(2) did. */
ssize_t body_read(struct connection *connection);

/* The reply is in before the body is: libmicrohttpd is told that the body is whole, and that nothing comes behind it.
 * As guard_recv. */
ssize_t body_cut(struct connection *connection, char *out, size_t out_bytes);

#endif
