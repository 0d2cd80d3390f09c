/* The frames of a websocket (RFC 6455, 5), by libwslay: read from memory piece by piece, and written to memory. LOOP
 * only. */
#ifndef TANDEM_HTTP_WEBSOCKET_FRAMES_H
#define TANDEM_HTTP_WEBSOCKET_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wslay/wslay.h>

#include "base/buf.h"
#include "base/err.h"

/* The caller zeroes it before frames_open. */
struct frames {
    wslay_frame_context_ptr wslay; /* buffers up to 4 KiB of input */
    const char *in;                /* the input that is read next … */
    size_t in_bytes;               /* … and its length */
    uint64_t left;                 /* payload bytes to come of the frame that is being read */
    struct buf out;                /* the frames written */
};

/* A part of a frame. The payload is unmasked. */
struct piece {
    bool begins, ends;    /* the piece is the first of its frame; the last */
    bool final;           /* the frame is the last of its message */
    bool right;           /* the frame is masked and has no reserved bits */
    unsigned opcode;      /* enum wslay_opcode, or a reserved one */
    uint64_t frame_bytes; /* the payload of the whole frame */
    const char *bytes;    /* valid until the next read */
    size_t length;
};

enum frames_status { FRAMES_PIECE, FRAMES_NOTHING_YET, FRAMES_MALFORMED };

/* ERR_NOMEM: memory ran out. In either case frames_close must follow. */
WARN_UNUSED enum err frames_open(struct frames *frames);
void frames_close(struct frames *frames);

/* Reads the next piece of the input. FRAMES_NOTHING_YET: the input is used up. */
enum frames_status frames_read(struct frames *frames, struct piece *out);

/* Appends a whole frame to frames->out. ERR_NOMEM: frames->out is unchanged. */
WARN_UNUSED enum err frames_write(struct frames *frames, unsigned opcode, bool final, const char *bytes, size_t length);

#endif
