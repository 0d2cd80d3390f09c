/* The body reader: reads the body of a request past libmicrohttpd, which sees one byte of it (request_filter.h). The
 * bytes go into the request, or through a pipe to a handler that already has the request. LOOP only. */
#ifndef TANDEM_HTTP_REQUEST_BODY_READER_H
#define TANDEM_HTTP_REQUEST_BODY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct connection;
struct request;

enum {
    BODY_READ_BYTES = 384 * 1024, /* limit of one read: the loop has other connections */
    BODY_WHOLE_BYTES = 64 * 1024, /* an announced length up to this: the body is whole before its handler starts */
};

/* Returns how many bytes to read at a time. The number is smaller while the body's request has not begun: it is not yet
 * known whether its handler reads the body as it arrives. */
size_t body_read_bytes(const struct connection *connection);

/* Within a body. Takes the next run of the body from in, and returns how many bytes were used up. Refuses the
 * connection if the body is malformed or too large, or memory ran out. */
size_t body_take(struct connection *connection, const char *in, size_t in_bytes);

/* True if so many bytes of a body of known length are still to come that it pays to read them without a copy. */
bool body_reads_directly(const struct connection *connection);

/* Reads once, straight into the request or into the piece for its handler. body_reads_directly must be true. Returns
 * the result of recv(2); -1 also if memory ran out, after refusing the connection. */
ssize_t body_read(struct connection *connection);

/* Nobody wants the rest of the request's body, if that is coming in. Its handler learns that the body is incomplete. */
void body_drop(struct connection *connection, struct request *request);

/* The reply came before the whole body: tells libmicrohttpd that the body is whole and that nothing comes after it. The
 * arguments and the result are those of request_filter_recv. */
ssize_t body_cut(struct connection *connection, char *out, size_t out_bytes);

#endif
