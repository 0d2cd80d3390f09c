/* The framing of a request body: its Content-Length, or chunked coding (RFC 9112, 6 and 7.1), read strictly.
 *
 * Bytes come in as the network brings them; what of them is the body is told run by run, and where it ends. Extensions
 * and trailers are dropped. */
#ifndef TANDEM_HTTP_FRAMING_H
#define TANDEM_HTTP_FRAMING_H

#include <stddef.h>
#include <stdint.h>

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
    FRAMING_MORE,      /* all was taken, or there is a run of the body */
    FRAMING_END,       /* the body's last byte was taken */
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

/* Takes from in[0, *in_bytes), up to the end of the first run of the body; *in_bytes is set to what was taken, the last
 * *body_bytes of which are the body's. Anything but FRAMING_MORE ends the body. */
enum framing_status framing_take(struct framing *framing, const char *in, size_t *in_bytes, size_t *body_bytes);

#endif
