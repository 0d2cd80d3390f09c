/* A reply: status, type, further fields and body. The body is in memory, in a file, or a stream.
 *
 * The owner of the request (core/request.h) writes its reply. The io_thread sends it and frees it after the last byte.
 * A body that the reply does not own must be valid until then: a literal, or memory of the request itself. */
#ifndef TANDEM_CORE_REPLY_H
#define TANDEM_CORE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/fields.h"

#define SERVER_NAME "tandem" /* the Server field of a reply that has none of its own */

struct stream;

#define TYPE_JSON  "application/json"
#define TYPE_TEXT  "text/plain; charset=utf-8"
#define TYPE_BYTES "application/octet-stream"

/* Why tandem itself refused or ended an exchange. Each reason has a counter under "rejected" in /stats. */
enum refusal {
    REFUSED_MALFORMED,
    REFUSED_HEADER_TIMEOUT,
    REFUSED_BODY_TIMEOUT,
    REFUSED_BODY_TOO_LARGE,
    REFUSED_HEADER_TOO_LARGE,
    REFUSED_QUEUE_FULL,
    REFUSED_HANDLER_TIMEOUT,
    REFUSED_HANDLER_ERROR,
    REFUSED_UNSUPPORTED,
    REFUSED_WRITE_TIMEOUT,
    REFUSAL_COUNT,
    REFUSED_NOT = REFUSAL_COUNT, /* an ordinary answer, not counted there */
};

extern const char *const refusal_names[REFUSAL_COUNT];

#define REPLY_LENGTH_OPEN UINT64_MAX /* no length given: a stream is open-ended, a body has its own length */

struct reply {
    unsigned status;      /* 200 … 599, 101 for a websocket; 0: not written yet */
    enum refusal refusal; /* what the reply counts as */
    const char *type;     /* Content-Type; NULL: none, or in fields */
    struct fields fields; /* further header fields */
    uint64_t length;      /* Content-Length of a file, a stream, or a body that HEAD omits; REPLY_LENGTH_OPEN */
    const char *body;
    size_t body_bytes;     /* for a stream: sent so far */
    struct stream *stream; /* owned; NULL: the body is not a stream */
    int file;              /* owned descriptor; the body is length bytes of it; -1: the body is not a file */
    uint64_t file_at;      /* where the body begins in file */
    void *owned;           /* freed by reply_free; NULL if body is borrowed, or in small */
    void *owned_type;      /* likewise for type */
    char small_type[64];
    char small[192]; /* room for a type and a body, to spare the allocator */

    /* Frees owned; NULL: free(3) does. */
    void (*release)(void *owned);
};

/* Empties the reply: status 0, no body. */
void reply_init(struct reply *reply);

/* The body is a stream, or was one that has ended. */
static inline bool reply_streams(const struct reply *reply)
{
    return reply->stream || (!reply->body && reply->body_bytes > 0);
}

/* Borrows body: a literal, or memory that lives as long as the reply. */
void reply_borrow(struct reply *reply, unsigned status, const char *type, const char *body, size_t body_bytes);

/* Takes body, which came from malloc. */
void reply_take(struct reply *reply, unsigned status, const char *type, char *body, size_t body_bytes);

/* Borrows body until reply_free calls release(owned). release NULL: free(owned). */
void reply_take_with(struct reply *reply, unsigned status, const char *type, const char *body, size_t body_bytes,
                     void (*release)(void *owned), void *owned);

/* Copies body. Out of memory: the reply becomes a 500 that says so. */
void reply_copy(struct reply *reply, unsigned status, const char *type, const void *body, size_t body_bytes);

/* Takes the stream. */
void reply_stream(struct reply *reply, unsigned status, const char *type, struct stream *stream);

/* The body is length bytes of a regular file, from offset at. Takes the descriptor. */
void reply_file(struct reply *reply, unsigned status, int file, uint64_t at, uint64_t length);

/* Copies the type. Out of memory: the reply becomes a 500 that says so. */
void reply_copy_type(struct reply *reply, const char *type, size_t type_bytes);

/* Adds a copy of a field; name and value must be valid (fields_add). Out of memory: the reply becomes a 500 that says
 * so. */
void reply_add_field(struct reply *reply, const char *name, const char *value);

/* The body is {"error":"…"} with the formatted sentence, cut to 400 bytes. */
void reply_error(struct reply *reply, unsigned status, enum refusal refusal, const char *format, ...) PRINTF_LIKE(4, 5);

/* Frees what the reply holds and empties it. LOOP only, if the body is a stream. */
void reply_free(struct reply *reply);

#endif
