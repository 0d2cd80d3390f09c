/* An answer on its way out: status, type, further fields and body. The body is there, in a file, or is a
 * stream.
 *
 * Whoever owns the request (core/request.h) writes its reply; the front sends it and calls reply_free after the last
 * byte. A body that is not owned must be valid until then: a literal, or memory of the request itself. */
#ifndef TANDEM_CORE_REPLY_H
#define TANDEM_CORE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/fields.h"

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

#define REPLY_LENGTH_OPEN UINT64_MAX /* a stream ends when it ends; a body is as long as it is */

struct reply {
    unsigned status;      /* 200 … 599, of a websocket 101; 0: not written yet */
    enum refusal refusal; /* what to count it as */
    const char *type;     /* Content-Type; NULL: none, or among the fields */
    struct fields fields; /* further ones */
    uint64_t length;      /* Content-Length of what a stream sends, or of what HEAD is not sent; REPLY_LENGTH_OPEN */
    const char *body;
    size_t body_bytes;     /* of a stream: sent so far */
    struct stream *stream; /* owned; NULL where the body is there */
    int file;              /* owned; the body is length bytes of it; -1: it is not */
    uint64_t file_at;      /* from there on */
    void *owned;           /* freed by reply_free; NULL where body is a literal, or in small */
    void *owned_type;      /* likewise for type */
    char small_type[64];
    char small[192]; /* room for a type and a body, to spare the allocator */

    /* How owned is freed; NULL: by free(3). */
    void (*release)(void *owned);
};

/* Empties the reply: status 0, no body. */
void reply_init(struct reply *reply);

/* The body is a literal, or lives as long as the reply. */
void reply_borrow(struct reply *reply, unsigned status, const char *type, const char *body, size_t body_bytes);

/* Takes body, which came from malloc. */
void reply_take(struct reply *reply, unsigned status, const char *type, char *body, size_t body_bytes);

/* Borrows body until release(owned), which reply_free calls. release NULL: free(owned). */
void reply_take_with(struct reply *reply, unsigned status, const char *type, const char *body, size_t body_bytes,
                     void (*release)(void *owned), void *owned);

/* Copies body. Out of memory: the reply becomes a 500 that says so. */
void reply_copy(struct reply *reply, unsigned status, const char *type, const void *body, size_t body_bytes);

/* Takes the stream. LOOP. */
void reply_stream(struct reply *reply, unsigned status, const char *type, struct stream *stream);

/* The body is length bytes of a regular file from at on. Takes the descriptor. */
void reply_file(struct reply *reply, unsigned status, int file, uint64_t at, uint64_t length);

/* The type is a copy. Out of memory: the reply becomes a 500 that says so. */
void reply_copy_type(struct reply *reply, const char *type, size_t type_bytes);

/* One field more: strings. Out of memory: the reply becomes a 500 that says so. */
void reply_add_field(struct reply *reply, const char *name, const char *value);

/* {"error":"…"}, with the formatted sentence (at most 400 bytes of it). */
void reply_error(struct reply *reply, unsigned status, enum refusal refusal, const char *format, ...) PRINTF_LIKE(4, 5);

/* Frees what the reply holds and empties it; a stream on its LOOP only. */
void reply_free(struct reply *reply);

#endif
