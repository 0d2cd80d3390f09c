/* The framing of a request body: Content-Length or chunked coding (RFC 9112, 6 and 7.1), parsed strictly.
 *
 * The caller passes in bytes as they arrive from the network. The parser reports which of them belong to the body, one
 * run at a time, and where the body ends. Extensions and trailers are dropped. */
#ifndef TANDEM_HTTP_PARSE_BODY_FRAMING_H
#define TANDEM_HTTP_PARSE_BODY_FRAMING_H

#include <stddef.h>
#include <stdint.h>

enum body_framing_state {
    BODY_FRAMING_NONE,   /* no body, or its end was reached */
    BODY_FRAMING_LENGTH, /* left: the body's remaining bytes */
    CHUNK_SIZE,
    CHUNK_SIZE_SPACE, /* spaces and tabs after the size (BWS, RFC 9112, 7.1.1) */
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA, /* left: the chunk's remaining bytes */
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILER_START,
    TRAILER_LINE,
    TRAILER_LF,
    TRAILER_END_LF,
};

enum body_framing_status {
    BODY_FRAMING_MORE,      /* the input is used up, or a run of the body was found */
    BODY_FRAMING_END,       /* the body is complete */
    BODY_FRAMING_MALFORMED, /* invalid chunked coding */
    BODY_FRAMING_TOO_LARGE, /* a chunk size of over 15 digits, over max_bytes of body, or over 16 KiB of trailers */
};

struct body_framing {
    enum body_framing_state state;
    uint8_t size_digits;
    uint64_t left;
    uint64_t body_bytes;    /* chunked: the sum of the chunk sizes so far */
    uint64_t max_bytes;     /* chunked: the limit of body_bytes */
    uint32_t trailer_bytes; /* bytes of extensions and trailers so far */
};

void body_framing_none(struct body_framing *body_framing);
void body_framing_length(struct body_framing *body_framing, uint64_t bytes);
void body_framing_chunked(struct body_framing *body_framing, uint64_t max_bytes);

/* Takes bytes from in[0, *in_bytes), at most to the end of the first run of the body. Sets *in_bytes to the number of
 * bytes taken; the last *body_bytes of them belong to the body. Any status but BODY_FRAMING_MORE ends the body. The
 * state must not be BODY_FRAMING_NONE. */
enum body_framing_status body_framing_take(struct body_framing *body_framing, const char *in, size_t *in_bytes,
                                           size_t *body_bytes);

#endif
