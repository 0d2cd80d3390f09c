/* An answer on its way out: status, type, body and at most one header of its own. The body is there, or is a stream.
 *
 * Whoever owns the request (core/request.h) writes its reply; the front sends it and calls reply_free after the last
 * byte. A body that is not owned must be valid until then: a literal, or memory of the request itself. */
#ifndef TANDEM_CORE_REPLY_H
#define TANDEM_CORE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct stream;

#define TYPE_JSON  "application/json"
#define TYPE_TEXT  "text/plain; charset=utf-8"
#define TYPE_BYTES "application/octet-stream"

/* What the front refuses by itself, and each one's counter under "rejected" in /stats. */
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
    REFUSED_NOT = REFUSAL_COUNT, /* an answer like any other */
};

extern const char *const refusal_names[REFUSAL_COUNT];

struct reply {
    unsigned status;         /* 200 … 599; 0: not written yet */
    enum refusal refusal;    /* what to count it as */
    const char *type;        /* Content-Type */
    const char *header_name; /* NULL, or a header of its own: Allow, Retry-After */
    const char *header_value;
    const char *body;
    size_t body_bytes;     /* of a stream: sent so far */
    struct stream *stream; /* owned; NULL where the body is there */
    void *owned;           /* freed by reply_free; NULL where body is a literal, or in small */
    void *owned_type;      /* likewise for type */
    char small_type[64];
    char small[192]; /* room for a type and a body, to spare the allocator */
};

/* Empties the reply: status 0, no body. */
void reply_init(struct reply *reply);

/* The body is a literal, or lives as long as the reply. */
void reply_borrow(struct reply *reply, unsigned status, const char *type, const char *body, size_t body_bytes);

/* Takes body, which came from malloc. */
void reply_take(struct reply *reply, unsigned status, const char *type, char *body, size_t body_bytes);

/* Copies body. Out of memory: the reply becomes a 500 that says so. */
void reply_copy(struct reply *reply, unsigned status, const char *type, const void *body, size_t body_bytes);

/* Takes the stream. LOOP. */
void reply_stream(struct reply *reply, unsigned status, const char *type, struct stream *stream);

/* The type is a copy. Out of memory: the reply becomes a 500 that says so. */
void reply_copy_type(struct reply *reply, const char *type, size_t type_bytes);

/* {"error":"…"}, with the formatted sentence (at most 400 bytes of it). */
void reply_error(struct reply *reply, unsigned status, enum refusal refusal, const char *format, ...) PRINTF_LIKE(4, 5);

/* Frees what the reply holds and empties it; a stream on its LOOP only. */
void reply_free(struct reply *reply);

#endif
