/* The frames of a websocket (RFC 6455, 5), by libwslay: read from memory piece by piece, written to memory. LOOP only.
 */
#ifndef TANDEM_HTTP_FRAMES_H
#define TANDEM_HTTP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wslay/wslay.h>

#include "base/buf.h"
#include "base/err.h"

/* Zeroed before frames_open. */
struct frames {
    wslay_frame_context_ptr wslay; /* keeps up to 4 KiB of what it has read */
    const char *in;                /* what is to be read next … */
    size_t in_bytes;               /* … and so much of it */
    uint64_t left;                 /* of the frame that is being read, payload */
    struct buf out;                /* what was written */
};

/* A part of a frame. The payload is unmasked. */
struct piece {
    bool begins, ends; /* the frame */
    bool final;        /* the frame ends its message */
    bool right;        /* it is masked and has no reserved bits */
    unsigned opcode;   /* enum wslay_opcode, or a reserved one */
    uint64_t frame_bytes;
    const char *bytes; /* valid until the next read */
    size_t length;
};

enum frames_status { FRAMES_PIECE, FRAMES_NOTHING_YET, FRAMES_MALFORMED };

/* ERR_NOMEM. Either way frames_close is due. */
WARN_UNUSED enum err frames_open(struct frames *frames);
void frames_close(struct frames *frames);

/* The next piece of what is in. FRAMES_NOTHING_YET: all of it has been used. */
enum frames_status frames_read(struct frames *frames, struct piece *out);

/* Appends a whole frame to out. ERR_NOMEM: out is as it was. */
WARN_UNUSED enum err frames_write(struct frames *frames, unsigned opcode, bool final, const char *bytes, size_t length);

#endif
