/* Where a request's body ends: RFC 9112, 6 and 7.1.
 *
 * Follows the body's bytes and passes them on in the form that libmicrohttpd reads the same way: for a chunked body the
 * sizes are written anew, extensions and trailers dropped. What comes out is never longer than what went in. */
#ifndef TANDEM_HTTP_FRAMING_H
#define TANDEM_HTTP_FRAMING_H

#include <stddef.h>
#include <stdint.h>

/* A few bytes that are to go out next, whole or in parts. */
struct aside {
    uint8_t at;
    uint8_t length;
    char bytes[190];
};

enum framing_state {
    FRAMING_NONE,   /* no body, or its end reached */
    FRAMING_LENGTH, /* left more bytes of it */
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA, /* left more bytes of this chunk */
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILER_START,
    TRAILER_LINE,
    TRAILER_LF,
    TRAILER_END_LF,
};

enum framing_status {
    FRAMING_MORE,      /* all taken in, or no room to put more out */
    FRAMING_END,       /* the body's last byte is out */
    FRAMING_MALFORMED, /* not chunked coding */
    FRAMING_TOO_LARGE, /* more than max_bytes of body, or of trailers */
};

struct framing {
    enum framing_state state;
    uint8_t size_digits;
    uint64_t left;
    uint64_t body_bytes;    /* of a chunked body, so far */
    uint64_t max_bytes;     /* of a chunked body */
    uint32_t trailer_bytes; /* of extensions and trailers, so far */
};

void framing_none(struct framing *framing);
void framing_length(struct framing *framing, uint64_t bytes);
void framing_chunked(struct framing *framing, uint64_t max_bytes);

/* Takes from in[0, *in_bytes), puts into out[0, *out_bytes), which do not overlap; both are set to what was taken and
 * put. Coding goes to the end of the empty aside, and when there is some, it is to be put out before this is called
 * again. Anything but FRAMING_MORE ends the body. */
enum framing_status framing_pass(struct framing *framing, const char *in, size_t *in_bytes, char *out,
                                 size_t *out_bytes, struct aside *aside);

#endif
